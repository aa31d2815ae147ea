import { decodeBase32, decodeBase64, decodeText, encodeBase64 } from '@assent/push/protocol';
import type { OathAccount } from '../account/account-store.ts';
import type { AlphabetRule, Persona } from '../account/personas.ts';
import { PhoneError } from '../account/phone-error.ts';

/** What a phone learns from a setup code that asks it to answer sign-ins (push-protocol.md 1.2, 1.3). */
export interface PushSetupCode {
  readonly kind: 'push';
  /** The one-time-code part of a combined code (`mfauth`). */
  readonly oneTimeCodes: OathSetup | undefined;
  readonly issuer: string;
  readonly accountName: string;
  readonly messageId: string;
  readonly key: Uint8Array;
  readonly challenge: Uint8Array;
  readonly registerUrl: string;
  readonly authenticateUrl: string;
  readonly loadBalancerCookie: string | undefined;
  readonly userId: string | undefined;
  readonly deviceUuid: string | undefined;
}

/** How one-time codes are made (push-protocol.md 1.4). */
export type OathSetup = Pick<
  OathAccount,
  'key' | 'type' | 'hash' | 'digits' | 'periodSeconds' | 'counter' | 'checksumDigit' | 'truncationOffset'
>;

/** A code for one-time codes alone. */
export interface OathSetupCode {
  readonly kind: 'oath';
  readonly issuer: string;
  readonly accountName: string;
  readonly oneTimeCodes: OathSetup;
}

export type SetupCode = PushSetupCode | OathSetupCode;

/** A server of ours stays below 858 bytes; others carry a logo address. A code beyond this cannot be rendered as a QR code. */
const MAX_LENGTH = 4296;
const CHALLENGE_BYTES = 32;
const MAX_KEY_BYTES = 256;

/** Reads a setup code as the given phone would, or refuses it with the reason (security-reliability.md A166). */
export function parseSetupCode(text: string, persona: Persona): SetupCode {
  const uri = text.trim();
  if (uri.length > MAX_LENGTH) throw refused('This setup code is too long.');
  const match = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)\/([^?#]*)\?([^#]*)$/i.exec(uri);
  const scheme = match?.[1]?.toLowerCase();
  if (match === null || (scheme !== 'pushauth' && scheme !== 'mfauth' && scheme !== 'otpauth')) throw notASetupCode();
  const [, , host = '', path = '', query = ''] = match;
  if (!(scheme === 'pushauth' ? ['push'] : ['totp', 'hotp']).includes(host.toLowerCase())) throw notASetupCode();
  refuseStrayCharacters(uri, persona);

  const parameters = parseQuery(query);
  checkVersion(parameters, persona);
  const label = splitLabel(path);
  const oneTimeCodes = scheme === 'pushauth' ? undefined : readOathSetup(host.toLowerCase(), parameters);
  if (scheme === 'otpauth' && oneTimeCodes !== undefined) {
    return {
      kind: 'oath',
      issuer: parameters.get('issuer')?.trim() || label.issuer,
      accountName: label.account,
      oneTimeCodes,
    };
  }
  const messageId = required(parameters, 'm', 'its message id');
  if (messageId.length > 256 || !/^[\x21-\x7e]+$/.test(messageId))
    throw refused('The message id of this setup code is not usable.');
  const key = bytes(parameters, 's', 'its key', persona.keyAlphabet);
  if (key.length < persona.minKeyBytes || key.length > MAX_KEY_BYTES) {
    throw refused(`The key of this setup code has ${key.length} bytes, and at least 32 are needed.`);
  }
  const challenge = bytes(parameters, 'c', 'its challenge', persona.keyAlphabet);
  // The key also signs JWTs: a challenge of another length could spell one out (push-protocol.md 0.4).
  if (challenge.length !== CHALLENGE_BYTES) {
    throw refused(`The challenge of this setup code has ${challenge.length} bytes instead of ${CHALLENGE_BYTES}.`);
  }

  const register = readAddress(parameters, 'r', 'register', persona);
  const authenticate = readAddress(parameters, 'a', 'authenticate', persona);
  if (register.origin !== authenticate.origin) {
    throw refused(`This setup code names two servers, ${register.host} and ${authenticate.host}.`);
  }
  if (register.pathname !== authenticate.pathname)
    throw refused('The two addresses of this setup code do not belong together.');

  if (scheme === 'pushauth') textOf(parameters, 'image', 'its logo', persona.imageAlphabet);
  const issuerParameter = textOf(parameters, 'issuer', 'its issuer', persona.textAlphabet);
  checkIssuer(issuerParameter, label.issuer, persona);
  const cookie = textOf(parameters, 'l', 'its cookie', persona.textAlphabet);
  if (persona.needsCookieInSetupCode && (cookie === undefined || cookie === '')) {
    throw refused('This setup code lacks the cookie ("l") without which this kind of phone refuses it.');
  }
  const ids = {
    uid: textOf(parameters, 'uid', 'its user id', persona.idAlphabet),
    d: textOf(parameters, 'd', 'its user id', persona.idAlphabet),
  };

  return {
    kind: 'push',
    oneTimeCodes,
    issuer: issuerParameter || label.issuer,
    accountName: label.account,
    messageId,
    key,
    challenge,
    registerUrl: persona.addressesFromRegisterUrl ? withAction(register, 'register') : register.href,
    authenticateUrl: persona.addressesFromRegisterUrl ? withAction(register, 'authenticate') : authenticate.href,
    loadBalancerCookie: isHeaderText(cookie) ? cookie : undefined,
    userId: persona.userIdParameters.map((name) => ids[name]).find((id) => id !== undefined && id !== ''),
    deviceUuid: textOf(parameters, 'pid', 'its device id', persona.idAlphabet),
  };
}

function readOathSetup(type: string, parameters: ReadonlyMap<string, string>): OathSetup {
  const key = decodeBase32(required(parameters, 'secret', 'its key').replace(/[\s-]/g, ''));
  if (key === undefined || key.length === 0 || key.length > MAX_KEY_BYTES)
    throw refused('This setup code is damaged: its key ("secret") cannot be read.');
  const digits = wholeNumber(parameters, 'digits', 6);
  if (digits !== 6 && digits !== 8) throw refused('This setup code asks for codes of neither 6 nor 8 digits.');
  const periodSeconds = wholeNumber(parameters, 'period', 30);
  if (periodSeconds === 0) throw refused('This setup code asks for codes that are good for no time.');
  const named = (parameters.get('algorithm') || 'SHA1')
    .toUpperCase()
    .replace(/^HMAC-?/, '')
    .replace('SHA-', 'SHA');
  const hash = (['SHA1', 'SHA256', 'SHA512'] as const).find((it) => it === named);
  if (hash === undefined) throw refused('This setup code asks for a kind of code that this phone does not know.');
  const isHotp = type === 'hotp';
  return {
    key: encodeBase64(key),
    type: isHotp ? 'hotp' : 'totp',
    hash: isHotp ? 'SHA1' : hash,
    digits,
    periodSeconds,
    counter: wholeNumber(parameters, 'counter', 0),
    checksumDigit: isHotp && parameters.get('x_checksum') === 'true',
    truncationOffset: isHotp ? wholeNumber(parameters, 'x_offset', -1) : -1,
  };
}

function wholeNumber(parameters: ReadonlyMap<string, string>, name: string, otherwise: number): number {
  const text = parameters.get(name);
  if (text === undefined || text === '') return otherwise;
  if (!/^\d{1,15}$/.test(text)) throw refused(`This setup code is damaged: "${name}" is no number.`);
  return Number(text);
}

/** True for text that may go into a header as it is; the line break that would start a new header may not. */
export function isHeaderText(text: string | undefined): text is string {
  return text !== undefined && /^[\x20-\x7e]{1,1024}$/.test(text);
}

/** The same address with another `_action` and nothing else in its query (push-protocol.md 1.2). */
export function withAction(address: string | URL, action: 'register' | 'authenticate' | 'refresh'): string {
  const url = new URL(address);
  url.search = `?_action=${action}`;
  return url.href;
}

function notASetupCode(): PhoneError {
  return new PhoneError(
    'NOT_A_SETUP_CODE',
    'This is not a setup code.',
    'copy the whole code, which starts with pushauth://, mfauth:// or otpauth://, and put it in quotes',
  );
}

function refused(message: string): PhoneError {
  return new PhoneError('SETUP_CODE_REFUSED', message, 'get a new setup code on the page where you sign in');
}

function refuseStrayCharacters(uri: string, persona: Persona): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const stray = persona.strictUriCharacters ? /[^\x21-\x7e]|["<>{}|\\^`]/ : /[\x00-\x20\x7f]/;
  if (stray.test(uri))
    throw refused('This setup code holds characters that do not belong there. It may have been cut or wrapped.');
}

function parseQuery(query: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    const name = percentDecode(at < 0 ? pair : pair.slice(0, at));
    if (parameters.has(name)) throw refused(`This setup code says "${name.slice(0, 20)}" twice.`);
    parameters.set(name, at < 0 ? '' : percentDecode(pair.slice(at + 1)));
  }
  return parameters;
}

function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refused('This setup code is damaged: a percent sign is not followed by two digits.');
  }
}

/** Clients split the decoded path at the first colon; one label alone stands for both (push-protocol.md 1.4). */
function splitLabel(path: string): { issuer: string; account: string } {
  const label = percentDecode(path);
  const at = label.indexOf(':');
  const issuer = (at < 0 ? label : label.slice(0, at)).trim();
  const account = (at < 0 ? label : label.slice(at + 1)).trim();
  if (issuer === '' || account === '') throw refused('This setup code does not say which account it is for.');
  return { issuer, account };
}

function required(parameters: ReadonlyMap<string, string>, name: string, meaning: string): string {
  const value = parameters.get(name);
  if (value === undefined || value === '') throw refused(`This setup code lacks ${meaning} ("${name}").`);
  return value;
}

function isReadable(value: string, rule: AlphabetRule): boolean {
  if (rule.accepts === 'url-safe') return !/[+/]/.test(value);
  if (rule.accepts === 'standard') return !/[-_]/.test(value);
  return true;
}

function bytes(parameters: ReadonlyMap<string, string>, name: string, meaning: string, rule: AlphabetRule): Uint8Array {
  const value = required(parameters, name, meaning);
  const decoded = isReadable(value, rule) ? decodeBase64(value) : undefined;
  if (decoded === undefined) throw refused(`This setup code is damaged: ${meaning} ("${name}") cannot be read.`);
  return decoded;
}

function textOf(
  parameters: ReadonlyMap<string, string>,
  name: string,
  meaning: string,
  rule: AlphabetRule,
): string | undefined {
  const value = parameters.get(name);
  if (value === undefined) return undefined;
  const decoded = isReadable(value, rule) ? decodeText(value) : undefined;
  if (decoded === undefined && rule.otherwise === 'refuse') {
    throw refused(`This setup code is damaged: ${meaning} ("${name}") cannot be read.`);
  }
  return decoded;
}

function readAddress(
  parameters: ReadonlyMap<string, string>,
  name: 'r' | 'a',
  action: 'register' | 'authenticate',
  persona: Persona,
): URL {
  const text = textOf(parameters, name, 'its address', persona.keyAlphabet);
  if (text === undefined || text === '') throw refused(`This setup code lacks its address ("${name}").`);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw refused(`This setup code is damaged: its address ("${name}") cannot be read.`);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw refused('This setup code leads to an address that is not protected by https.');
  }
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    throw refused('The address in this setup code is not a plain one.');
  const actions = url.searchParams.getAll('_action');
  if (actions.length !== 1 || actions[0] !== action)
    throw refused(`The address ("${name}") in this setup code does not say _action=${action}.`);
  return url;
}

/** Only names that cannot leave the machine (RFC 6761 §6.3); never "localhost.example.com". */
function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname === '[::1]' ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname) ||
    hostname.endsWith('.localhost')
  );
}

function checkVersion(parameters: ReadonlyMap<string, string>, persona: Persona): void {
  const version = parameters.get('version');
  if (persona.readsVersion && version !== undefined && Number(version) !== 1)
    throw refused('This setup code has a version that this kind of phone does not know.');
}

function checkIssuer(parameter: string | undefined, path: string, persona: Persona): void {
  if (!persona.issuerMustEqualPath) return;
  if (parameter === undefined || parameter === '')
    throw refused('This setup code lacks the issuer ("issuer") without which this kind of phone refuses it.');
  if (parameter.toLowerCase() !== path.toLowerCase()) throw refused('This setup code names two different issuers.');
}
