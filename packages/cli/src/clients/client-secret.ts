import type { StoredClients } from '@assent/server';
import { CliError } from '../command/cli-error.ts';
import type { CliIo } from '../command/cli-io.ts';
import { printJson } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { plainText } from '../command/plain-text.ts';
import type { Server } from '../command/stored.ts';
import { table } from './client-output.ts';
import { type ClientOptions, knownClient, type OpenedClients } from './open-clients.ts';

export interface SecretOptions extends ClientOptions {
  readonly secretStdin?: boolean;
}

/** Below this somebody could guess it; ours have 43. */
const MIN_SECRET_LENGTH = 32;

/** A secret, and whether it was made here. */
export interface GivenSecret {
  readonly text: string;
  readonly isGenerated: boolean;
}

/** A new secret, or the one that comes by stdin. */
export const secretOf = async (io: CliIo, server: Server, { secretStdin }: SecretOptions): Promise<GivenSecret> => {
  if (secretStdin !== true) return { text: server.newClientSecret(), isGenerated: true };
  // `echo` ends its line; a secret does not.
  const text = (await io.readAll()).replace(/\r?\n$/, '');
  if (/^[\x20-\x7e]*$/.test(text) && text.length >= MIN_SECRET_LENGTH && text.length <= 1_024)
    return { text, isGenerated: false };
  throw new CliError(
    'USAGE',
    `The secret on stdin must have ${MIN_SECRET_LENGTH} to 1,024 printable letters of ASCII.`,
    'leave out --secret-stdin, and one is made',
  );
};

/** The digest of a secret, with how it was made. */
export const digestedSecret = async (
  { digestOfSecret }: Pick<StoredClients, 'digestOfSecret'>,
  { text, isGenerated }: GivenSecret,
) => ({ digest: await digestOfSecret(text), isGenerated });

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
/** Longer than any roll-out takes: a secret that leaked must end some day. */
const MAX_KEPT_MILLIS = 30 * UNITS.d;

const keptMillis = (given: string): number => {
  const { count, unit } = /^(?<count>\d{1,6})(?<unit>[mhd])$/.exec(given)?.groups ?? {};
  const millis = Number(count) * (UNITS[unit as keyof typeof UNITS] ?? Number.NaN);
  if (millis > 0 && millis <= MAX_KEPT_MILLIS) return millis;
  throw new CliError(
    'USAGE',
    `--keep-old ${plainText(given)} is not a time from 1 minute to 30 days.`,
    '--keep-old 24h, or a number with m, h or d',
  );
};

export interface RotateOptions extends SecretOptions {
  readonly keepOld?: string;
}

export const rotateSecret = async (opened: OpenedClients<RotateOptions>, id: string): Promise<ExitCode> => {
  const { io, server, store, options, clients, writes, realm, issuer, actor } = opened;
  const kept = options.keepOld === undefined ? undefined : keptMillis(options.keepOld);
  knownClient(opened, id);
  if (clients.find(realm, id)?.isPublic === true) {
    throw new CliError(
      'USAGE',
      `The client ${plainText(id)} is public: it can keep no secret, and needs none.`,
      `assent client show ${plainText(id)}`,
    );
  }
  const secret = await secretOf(io, server, options);
  const digested = await digestedSecret(opened, secret);
  const keepOldUntil = kept === undefined ? undefined : (store.clock ?? io).now() + kept;
  await writes.decided(() => {
    const before = knownClient(opened, id);
    const secretDigest = server.withSecret(before, digested, keepOldUntil);
    return server.savedClient(before, { ...before, secretDigest }, actor);
  });
  const [, old] = server.keptSecretsOf(knownClient(opened, id));
  const oldGoodUntil = old?.goodUntil === undefined ? undefined : new Date(old.goodUntil).toISOString();
  if (options.json === true) {
    const told = { id, realm, issuer, secret: secret.text };
    printJson(io, { client: { ...told, ...(oldGoodUntil !== undefined && { oldGoodUntil }) } });
    return EXIT.done;
  }
  const ofOld = oldGoodUntil === undefined ? 'is not good any more' : `is good until ${oldGoodUntil}`;
  io.stdout.write(`The client ${plainText(id)} has another secret. It is shown once; the one before ${ofOld}.\n`);
  io.stdout.write(table([['secret', secret.text]]));
  return EXIT.done;
};
