import { decodeBase32 } from './base32.ts';
import { decodeText } from './base64.ts';
import { isMessageId, parseMessageId } from './message-id.ts';
import type { OathParameters } from './otpauth-uri.ts';
import {
  bytesIn,
  numberIn,
  requiredParameter,
  type SplitSetupCode,
  splitSetupCode,
  textIn,
} from './setup-code-parameters.ts';
import {
  readingOf,
  refuseCode,
  type SetupCodeResult,
  type SetupCodeRules,
  STRICT_SETUP_CODE_RULES,
} from './setup-code-rules.ts';

/** What a phone reads in a push registration; servers leave some of it out. */
export interface ScannedRegistration {
  readonly issuer: string;
  readonly account: string;
  readonly loadBalancerCookie?: string;
  readonly messageId: string;
  readonly secret: Uint8Array;
  readonly challenge: Uint8Array;
  readonly registerUrl: string;
  readonly authenticateUrl: string;
  readonly userId?: string;
  readonly deviceUuid?: string;
  readonly backgroundColor?: string;
  readonly imageUrl?: string;
  readonly policies?: string;
}

/** What a phone reads in the code of a generator; other servers leave most of it out. */
export interface ScannedOath {
  readonly issuer: string;
  readonly account: string;
  readonly oath: OathParameters;
  readonly userId?: string;
  readonly oathUuid?: string;
  readonly backgroundColor?: string;
  readonly imageUrl?: string;
}

/** Both parts of a combined code. */
export interface ScannedCombined {
  readonly push: ScannedRegistration;
  readonly oath: OathParameters;
  readonly oathUuid?: string;
}

/** A setup code of any kind. */
export type ScannedSetupCode =
  | { readonly scheme: 'pushauth'; readonly push: ScannedRegistration }
  | ({ readonly scheme: 'mfauth' } & ScannedCombined)
  | ({ readonly scheme: 'otpauth' } & ScannedOath);

const CHALLENGE_BYTES = 32;
const MAX_KEY_BYTES = 256;

/** Reads a setup code as a phone with these rules does: a careful one, unless others are given (A166). */
export const parseSetupCode = (
  text: string,
  rules: SetupCodeRules = STRICT_SETUP_CODE_RULES,
): SetupCodeResult<ScannedSetupCode> =>
  readingOf(() => {
    const code = splitSetupCode(text, rules);
    switch (code.scheme) {
      case 'pushauth':
        return { scheme: code.scheme, push: readPush(code, rules) };
      case 'mfauth':
        return { scheme: code.scheme, ...readCombined(code, rules) };
      case 'otpauth':
        return { scheme: code.scheme, ...readGenerator(code) };
    }
  });

/** Reads a `pushauth` URI and nothing else. */
export const parseRegistrationUri = (text: string): SetupCodeResult<ScannedRegistration> =>
  readingOf(() => readPush(splitAs('pushauth', text), STRICT_SETUP_CODE_RULES));

/** Reads an `mfauth` URI and nothing else. */
export const parseCombinedUri = (text: string): SetupCodeResult<ScannedCombined> =>
  readingOf(() => readCombined(splitAs('mfauth', text), STRICT_SETUP_CODE_RULES));

/** Reads an `otpauth` URI, also one of another server, and nothing else. */
export const parseOathUri = (text: string): SetupCodeResult<ScannedOath> =>
  readingOf(() => readGenerator(splitAs('otpauth', text)));

function splitAs(scheme: SplitSetupCode['scheme'], text: string): SplitSetupCode {
  const code = splitSetupCode(text, STRICT_SETUP_CODE_RULES);
  return code.scheme === scheme ? code : refuseCode({ reason: 'other-scheme' });
}

function readCombined(code: SplitSetupCode, rules: SetupCodeRules): ScannedCombined {
  const oath = readOath(code);
  const push = readPush(code, rules);
  const { oathUuid } = readNames(code);
  return { push, oath, ...(oathUuid !== undefined && { oathUuid }) };
}

function readPush({ scheme, label, parameters }: SplitSetupCode, rules: SetupCodeRules): ScannedRegistration {
  if (label.issuer === '' || (label.issuer === undefined && !rules.oneNameIsEnough))
    return refuseCode({ reason: 'no-account' });
  const pathIssuer = label.issuer ?? label.account;
  const messageId = readMessageId(requiredParameter(parameters, 'm'), rules);
  const secret = bytesIn(parameters, 's', rules.keyAlphabet);
  if (secret.length < rules.minKeyBytes || secret.length > MAX_KEY_BYTES)
    return refuseCode({ reason: 'key-length', bytes: secret.length });
  // The key also signs JWTs: a challenge of another length could spell one out (spec/push-protocol.md §0.4).
  const challenge = bytesIn(parameters, 'c', rules.keyAlphabet);
  if (challenge.length !== CHALLENGE_BYTES) return refuseCode({ reason: 'challenge-length', bytes: challenge.length });
  const addresses = readAddresses(parameters, rules);
  // In a combined code the logo stands as it is (spec/push-protocol.md §1.3).
  const imageUrl = scheme === 'mfauth' ? parameters.get('image') : textIn(parameters, 'image', rules.imageAlphabet);
  const issuer = readIssuer(textIn(parameters, 'issuer', rules.textAlphabet), pathIssuer, rules);
  const cookie = textIn(parameters, 'l', rules.textAlphabet);
  if (rules.needsCookie && !cookie) return refuseCode({ reason: 'no-cookie' });
  const ids = { uid: textIn(parameters, 'uid', rules.idAlphabet), d: textIn(parameters, 'd', rules.idAlphabet) };
  const userId = rules.userIdParameters.map((name) => ids[name]).find((id) => id);
  const deviceUuid = textIn(parameters, 'pid', rules.idAlphabet);
  const policies = textIn(parameters, 'policies', rules.policiesAlphabet);
  return {
    issuer,
    account: label.account,
    ...(cookie !== undefined && { loadBalancerCookie: cookie }),
    messageId,
    secret,
    challenge,
    ...addresses,
    ...(userId !== undefined && { userId }),
    ...(deviceUuid !== undefined && { deviceUuid }),
    ...readColor(parameters),
    ...(imageUrl !== undefined && { imageUrl }),
    ...(policies !== undefined && { policies }),
  };
}

function readMessageId(text: string, rules: SetupCodeRules): string {
  const isUsable = rules.messageIdMustSayRegister ? parseMessageId(text)?.type === 'REGISTER' : isMessageId(text);
  return isUsable ? text : refuseCode({ reason: 'message-id' });
}

function readIssuer(given: string | undefined, ofPath: string, rules: SetupCodeRules): string {
  if (rules.issuer === 'same' && !given) return refuseCode({ reason: 'no-issuer' });
  if (rules.issuer !== 'any' && given !== undefined && given.toLowerCase() !== ofPath.toLowerCase())
    return refuseCode({ reason: 'two-issuers' });
  return given || ofPath;
}

/** Where a phone registers and answers: one endpoint of one server, over TLS or on this very machine (§1.2, §11 item 8). */
function readAddresses(
  parameters: ReadonlyMap<string, string>,
  rules: SetupCodeRules,
): Pick<ScannedRegistration, 'registerUrl' | 'authenticateUrl'> {
  const register = readAddress(parameters, 'r', 'register', rules);
  const authenticate = readAddress(parameters, 'a', 'authenticate', rules);
  if (register.origin !== authenticate.origin)
    return refuseCode({ reason: 'two-servers', hosts: [register.host, authenticate.host] });
  if (register.pathname !== authenticate.pathname) return refuseCode({ reason: 'two-endpoints' });
  return { registerUrl: register.href, authenticateUrl: authenticate.href };
}

function readAddress(
  parameters: ReadonlyMap<string, string>,
  name: 'r' | 'a',
  action: 'register' | 'authenticate',
  rules: SetupCodeRules,
): URL {
  const text = textIn(parameters, name, rules.keyAlphabet);
  if (!text) return refuseCode({ reason: 'missing', parameter: name });
  if (!URL.canParse(text)) return refuseCode({ reason: 'unreadable', parameter: name });
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname)))
    return refuseCode({ reason: 'not-https' });
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    return refuseCode({ reason: 'not-a-plain-address' });
  const actions = url.searchParams.getAll('_action');
  const isAlone = url.search === `?_action=${action}`;
  if (actions.length !== 1 || actions[0] !== action || !(isAlone || rules.addressMayHaveParameters))
    return refuseCode({ reason: 'other-action', parameter: name, action });
  return url;
}

/** Only names that cannot leave the machine (RFC 6761 §6.3); never "localhost.example.com". */
const isLoopback = (hostname: string): boolean =>
  /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);

function readGenerator(code: SplitSetupCode): ScannedOath {
  const { label, parameters } = code;
  const image = parameters.get('image');
  return {
    // One label alone stands for both (spec/push-protocol.md §1.4).
    issuer: parameters.get('issuer')?.trim() || label.issuer || label.account,
    account: label.account,
    oath: readOath(code),
    ...readNames(code),
    ...readColor(parameters),
    ...(image && { imageUrl: image }),
  };
}

function readOath({ host, parameters }: SplitSetupCode): OathParameters {
  const secret = decodeBase32(requiredParameter(parameters, 'secret').replace(/[\s-]/g, ''));
  if (secret === undefined || secret.length === 0 || secret.length > MAX_KEY_BYTES)
    return refuseCode({ reason: 'unreadable', parameter: 'secret' });
  const digits = numberIn(parameters, 'digits') ?? 6;
  if (digits !== 6 && digits !== 8) return refuseCode({ reason: 'digits' });
  const named = (parameters.get('algorithm') || 'SHA1').toUpperCase().replace(/^(?:HMAC-?)?SHA-?/, 'SHA');
  const hash = (['SHA1', 'SHA256', 'SHA512'] as const).find((it) => it === named) ?? refuseCode({ reason: 'hash' });
  // Each kind reads its own parameters; some servers send those of the other kind, too, with anything in them.
  if (host !== 'hotp') {
    const periodSeconds = numberIn(parameters, 'period') ?? 30;
    return periodSeconds === 0
      ? refuseCode({ reason: 'period' })
      : { type: 'totp', secret, digits, periodSeconds, hash };
  }
  const counter = numberIn(parameters, 'counter') ?? 0;
  const truncationOffset = numberIn(parameters, 'x_offset');
  return {
    type: 'hotp',
    secret,
    digits,
    counter,
    ...(parameters.get('x_checksum') === 'true' && { checksumDigit: true }),
    ...(truncationOffset !== undefined && { truncationOffset }),
  };
}

/** Names, not secrets: one that cannot be read is as good as none. */
function readNames({ parameters }: SplitSetupCode): Pick<ScannedOath, 'userId' | 'oathUuid'> {
  const userId = decodeText(parameters.get('uid') ?? '');
  const oathUuid = decodeText(parameters.get('oid') ?? '');
  return { ...(userId && { userId }), ...(oathUuid && { oathUuid }) };
}

/** Only decoration: a wrong colour is no reason to refuse an account. */
function readColor(parameters: ReadonlyMap<string, string>): { readonly backgroundColor?: string } {
  const color = parameters.get('b')?.replace(/^#/, '');
  return color !== undefined && /^[0-9a-f]{6}$/i.test(color) ? { backgroundColor: color } : {};
}
