import { encodeBase64 } from '@assent/push/protocol';
import { EXIT, type ExitCode } from '../../command/exit-code.ts';
import { plainText } from '../../command/plain-text.ts';
import type { OathAccount, PhoneAccount, PushAccount } from '../account/account-store.ts';
import { PERSONAS, type Persona, type PersonaName } from '../account/personas.ts';
import { PhoneError } from '../account/phone-error.ts';
import type { PhoneIo } from '../account/phone-io.ts';
import { registrationBody } from '../messages/answers.ts';
import { type OathSetup, parseSetupCode } from '../messages/setup-code.ts';
import { sendRegistration } from '../server/server-calls.ts';
import { accountLine } from '../terminal/json-lines.ts';
import { printJson, type Session, type SharedOptions } from '../terminal/phone-session.ts';
import { setupCodePicture } from '../terminal/request-text.ts';
import { pushAccounts } from './account-choice.ts';

export interface RegisterOptions extends SharedOptions {
  readonly name?: string;
  readonly persona: PersonaName;
  readonly show?: boolean;
  readonly token?: string;
}

/** `assent phone register`: adds what a setup code has, or only renders it. */
export async function register(session: Session, uri: string, options: RegisterOptions): Promise<ExitCode> {
  const { io, store, isJson } = session;
  const persona = PERSONAS[options.persona];
  const code = parseSetupCode(uri, persona);
  if (options.show === true) {
    io.stdout.write(
      io.isTty && !isJson ? setupCodePicture(uri.trim(), io.env.NO_COLOR === undefined) : `${uri.trim()}\n`,
    );
    return EXIT.done;
  }

  if (code.kind === 'oath') return registerOneTimeCodes(session, code, code.oneTimeCodes);

  const accounts = store.load().accounts;
  const existing = pushAccounts(accounts);
  if (
    persona.refusesSecondForSameName &&
    existing.some((it) => it.persona === persona.name && it.issuer === code.issuer && it.name === code.accountName)
  ) {
    throw new PhoneError(
      'ALREADY_REGISTERED',
      'This phone already has this account.',
      'remove the old one first: assent phone remove --account ID',
    );
  }
  const mechanismUid = persona.mechanismUidCase === 'upper' ? io.randomUuid().toUpperCase() : io.randomUuid();
  const account: PushAccount = {
    kind: 'push',
    id: shortId(mechanismUid, accounts),
    persona: persona.name,
    issuer: code.issuer,
    name: code.accountName,
    key: encodeBase64(code.key),
    mechanismUid,
    deviceId: options.token ?? newDeviceId(io, persona),
    deviceName:
      options.name ??
      (persona.hasDeviceKey ? `${persona.defaultDeviceName} on ${io.hostname}` : persona.defaultDeviceName),
    registerUrl: code.registerUrl,
    authenticateUrl: code.authenticateUrl,
    ...(code.loadBalancerCookie === undefined ? {} : { loadBalancerCookie: code.loadBalancerCookie }),
    ...(code.userId === undefined ? {} : { userId: code.userId }),
    ...(code.deviceUuid === undefined ? {} : { deviceUuid: code.deviceUuid }),
    ...(persona.hasDeviceKey ? { deviceKey: io.newDeviceKey() } : {}),
    addedAt: io.now(),
    clockOffsetMillis: 0,
    answered: [],
  };
  const body = registrationBody(code, account, persona);
  const { clockOffsetMillis } = await sendRegistration(io, persona, code.registerUrl, code.loadBalancerCookie, body);
  store.update((state) => ({
    accounts: [...state.accounts, { ...account, clockOffsetMillis: clockOffsetMillis ?? 0 }],
  }));

  if (isJson) printJson(session, { account: accountLine(account) });
  else {
    io.stdout.write(
      `Added ${plainText(code.issuer)} · ${plainText(code.accountName)} as ${account.id}. This phone can now approve its sign-ins.\n`,
    );
  }
  return code.oneTimeCodes === undefined ? EXIT.done : registerOneTimeCodes(session, code, code.oneTimeCodes);
}

function registerOneTimeCodes(
  session: Session,
  { issuer, accountName }: { readonly issuer: string; readonly accountName: string },
  setup: OathSetup,
): ExitCode {
  const { io, store, isJson } = session;
  const id = shortId(io.randomUuid(), store.load().accounts);
  const account: OathAccount = { kind: 'oath', id, issuer, name: accountName, ...setup, addedAt: io.now() };
  store.update((state) => ({ accounts: [...state.accounts, account] }));
  if (isJson) printJson(session, { account: accountLine(account) });
  else {
    io.stdout.write(
      `Added ${plainText(issuer)} · ${plainText(accountName)} as ${id}. This phone can now make its one-time codes.\n`,
    );
  }
  return EXIT.done;
}

function shortId(mechanismUid: string, accounts: readonly PhoneAccount[]): string {
  const text = mechanismUid.toLowerCase();
  const short = text.slice(0, 8);
  return accounts.some(({ id }) => id === short) ? text : short;
}

function newDeviceId(io: PhoneIo, persona: Persona): string {
  if (persona.deviceIdStyle === 'uuid') return io.randomUuid();
  if (persona.deviceIdStyle === 'apns-hex') return Buffer.from(io.randomBytes(32)).toString('hex').toUpperCase();
  // The look of an FCM token: an installation id, a colon, and a long opaque rest.
  return `${Buffer.from(io.randomBytes(16)).toString('base64url')}:APA91b${Buffer.from(io.randomBytes(100)).toString('base64url')}`;
}
