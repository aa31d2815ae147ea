import type { JsonWebKey } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { isPersonaName, type PersonaName } from './personas.ts';
import { PhoneError } from './phone-error.ts';

/** One account that this phone answers for. */
export interface PushAccount {
  readonly kind: 'push';
  readonly id: string;
  readonly persona: PersonaName;
  readonly issuer: string;
  readonly name: string;
  /** The shared key K, base64. */
  readonly key: string;
  readonly mechanismUid: string;
  readonly deviceId: string;
  readonly deviceName: string;
  readonly registerUrl: string;
  readonly authenticateUrl: string;
  readonly loadBalancerCookie?: string;
  readonly userId?: string;
  readonly deviceUuid?: string;
  /** Our own phone's private key; official phones have none. */
  readonly deviceKey?: JsonWebKey;
  readonly addedAt: number;
  readonly lastAnswerAt?: number;
  /** Server time minus our time, learned from the `Date` header. */
  readonly clockOffsetMillis: number;
  /** Answered messages, kept so that the same one is never answered twice. */
  readonly answered: readonly { readonly messageId: string; readonly expiresAt: number }[];
}

/** One account that this phone makes one-time codes for. */
export interface OathAccount {
  readonly kind: 'oath';
  readonly id: string;
  readonly issuer: string;
  readonly name: string;
  /** Base64. */
  readonly key: string;
  readonly type: 'totp' | 'hotp';
  readonly hash: 'SHA1' | 'SHA256' | 'SHA512';
  readonly digits: 6 | 8;
  /** TOTP. */
  readonly periodSeconds: number;
  /** HOTP: of the next code. */
  readonly counter: number;
  readonly checksumDigit: boolean;
  readonly truncationOffset: number;
  readonly addedAt: number;
}

/** A key by which an app of this phone signs for a user, once a server has bound it (spec: webauthn §7). */
export interface BoundAccount {
  readonly kind: 'bound';
  /** The `kid` of the key. */
  readonly id: string;
  /** The name of the app, as its package or bundle has it. */
  readonly issuer: string;
  readonly name: string;
  /** What the server calls the user. */
  readonly userId: string;
  readonly deviceKey: JsonWebKey;
  readonly addedAt: number;
}

export type PhoneAccount = PushAccount | OathAccount | BoundAccount;

/** Everything that the phone remembers between two runs. */
export interface PhoneState {
  readonly accounts: readonly PhoneAccount[];
}

/** The phone's memory: one file that only its owner can read. */
export interface AccountStore {
  readonly file: string;
  /** A sentence to warn with, when others on this machine can read the keys. */
  readonly exposure: () => string | undefined;
  load(): PhoneState;
  /** Reads, changes and replaces the file in one go. */
  update(change: (state: PhoneState) => PhoneState): void;
}

/** Where the phone keeps its accounts unless told otherwise. */
export function defaultStoreFile(io: {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homedir: string;
  readonly platform: string;
}): string {
  const configured = io.platform === 'win32' ? io.env.APPDATA : io.env.XDG_CONFIG_HOME;
  return join(configured || join(io.homedir, '.config'), 'assent', 'phone.json');
}

/** Opens the store in a file; nothing is touched before the first update. */
export function openAccountStore(file: string, uniqueSuffix: () => string): AccountStore {
  const load = (): PhoneState => {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      if (isCode(error, 'ENOENT')) return { accounts: [] };
      throw unusable(file, 'cannot be read', error);
    }
    return parseState(text, file);
  };

  return {
    file,
    load,
    exposure() {
      // Windows has no permission bits; there the user's own folder is the protection.
      if (process.platform === 'win32') return undefined;
      const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
      return (mode & 0o077) === 0 ? undefined : `Others on this machine can read the keys in ${file}.`;
    },
    update(change) {
      const next = change(load());
      const temporary = `${file}.${uniqueSuffix()}.tmp`;
      let isOurs = false;
      try {
        mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
        const handle = openSync(temporary, 'wx', 0o600);
        isOurs = true;
        try {
          // The umask may have narrowed or a file system widened the mode above.
          fchmodSync(handle, 0o600);
          writeSync(handle, `${JSON.stringify({ version: 1, ...next }, undefined, 2)}\n`);
          fsyncSync(handle);
        } finally {
          closeSync(handle);
        }
        renameSync(temporary, file);
      } catch (error) {
        if (isOurs) rmSync(temporary, { force: true });
        throw unusable(file, 'cannot be written', error);
      }
    },
  };
}

function parseState(text: string, file: string): PhoneState {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw unusable(file, 'is damaged', error);
  }
  if (typeof value !== 'object' || value === null) throw unusable(file, 'is damaged');
  const { version, accounts } = value as { version?: unknown; accounts?: unknown };
  if (version !== 1) throw unusable(file, 'was written by another version');
  if (!Array.isArray(accounts) || !accounts.every(isAccount)) throw unusable(file, 'is damaged');
  return { accounts };
}

const REQUIRED_TEXTS = [
  'id',
  'issuer',
  'name',
  'key',
  'mechanismUid',
  'deviceId',
  'deviceName',
  'registerUrl',
  'authenticateUrl',
] as const;

function isAccount(value: unknown): value is PhoneAccount {
  if (typeof value !== 'object' || value === null) return false;
  const account = value as Record<string, unknown>;
  if (account.kind === 'oath') {
    return (
      ['id', 'issuer', 'name', 'key'].every((member) => typeof account[member] === 'string') &&
      (account.type === 'totp' || account.type === 'hotp') &&
      ['SHA1', 'SHA256', 'SHA512'].includes(String(account.hash)) &&
      ['digits', 'periodSeconds', 'counter', 'truncationOffset', 'addedAt'].every((member) =>
        Number.isSafeInteger(account[member]),
      ) &&
      Number(account.periodSeconds) > 0 &&
      Number(account.counter) >= 0
    );
  }
  if (account.kind === 'bound') {
    return (
      ['id', 'issuer', 'name', 'userId'].every((member) => typeof account[member] === 'string') &&
      typeof account.deviceKey === 'object' &&
      account.deviceKey !== null &&
      Number.isSafeInteger(account.addedAt)
    );
  }
  return (
    account.kind === 'push' &&
    typeof account.persona === 'string' &&
    isPersonaName(account.persona) &&
    REQUIRED_TEXTS.every((member) => typeof account[member] === 'string') &&
    typeof account.clockOffsetMillis === 'number' &&
    typeof account.addedAt === 'number' &&
    Array.isArray(account.answered)
  );
}

function unusable(file: string, problem: string, cause?: unknown): PhoneError {
  return new PhoneError(
    'STORE_UNUSABLE',
    `The phone's file ${file} ${problem}.`,
    'name another file with --store FILE',
    { cause },
  );
}

function isCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
