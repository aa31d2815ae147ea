import { encodeBase64Url, encodeTextUrl } from './base64.ts';
import { cleanText } from './display-text.ts';
import { parseMessageId } from './message-id.ts';

/** What the QR code of a push registration says. */
export interface Registration {
  readonly issuer: string;
  readonly account: string;
  /** A whole `name=value`; some phones refuse a code without it. */
  readonly loadBalancerCookie: string;
  readonly messageId: string;
  readonly secret: Uint8Array;
  readonly challenge: Uint8Array;
  readonly registerUrl: string;
  readonly authenticateUrl: string;
  readonly userId: string;
  readonly deviceUuid: string;
  /** Six hex digits, with or without `#`. */
  readonly backgroundColor: string;
  readonly imageUrl?: string;
}

export interface RegistrationUriOptions {
  /** Also send the user id under the name that newer SDKs read; AM does not. */
  readonly pushUserId?: boolean;
}

const PREFIX = 'pushauth://push/';
/** Denser QR codes do not scan on all phones (design.md §3.3). */
export const MAX_REGISTRATION_URI_LENGTH = 858;
const REGISTER = '?_action=register';
const AUTHENTICATE = '?_action=authenticate';
const URL_TEXT = /^https?:\/\/[\x21-\x7e]+$/;

export type UriParameters = readonly (readonly [name: string, value: string | undefined])[];

/**
 * The `pushauth` URI that enrols a phone (spec/push-protocol.md §1). Cosmetic parameters are left out when there is no
 * room; a RangeError says what cannot be put into any code.
 */
export function formatRegistrationUri(registration: Registration, options: RegistrationUriOptions = {}): string {
  const { imageUrl } = registration;
  return fittedUri(`${PREFIX}${uriLabel(registration)}`, [
    ...pushParameters(registration, options),
    ['image', imageUrl === undefined ? undefined : safeText(imageUrl)],
  ]);
}

/** `issuer:account` as the path of a URI has it. */
export function uriLabel(given: Pick<Registration, 'issuer' | 'account'>): string {
  const issuer = cleanText(given.issuer);
  // Phones split the decoded path at a colon, so the account cannot have one and the issuer must not.
  const account = cleanText(given.account).replaceAll(':', '-');
  demand(issuer !== '', 'the issuer is empty');
  demand(!issuer.includes(':'), `the issuer "${issuer}" contains a colon`);
  demand(account !== '', 'the account is empty');
  return `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
}

/** Six hex digits without `#`. */
export function uriColor(color: string): string {
  const digits = color.replace(/^#/, '');
  demand(/^[0-9a-f]{6}$/i.test(digits), `the background colour "${color}" is not six hex digits`);
  return digits;
}

/** The parameters of a push registration in AM's order, without the logo. */
export function pushParameters(
  registration: Registration,
  { pushUserId = true }: RegistrationUriOptions = {},
): UriParameters {
  const { messageId, secret, challenge, registerUrl, authenticateUrl, userId, deviceUuid } = registration;
  demand(registration.loadBalancerCookie !== '', 'the load balancer cookie is empty');
  demand(parseMessageId(messageId)?.type === 'REGISTER', 'the message id is not one of a registration');
  demand(secret.length === 32, 'the secret is not 32 bytes');
  demand(challenge.length === 32, 'the challenge is not 32 bytes');
  // Some phones keep only what stands before "?" and make all addresses from it (§1.2).
  const endpoint = withoutEnd(registerUrl, REGISTER);
  demand(
    endpoint !== undefined && endpoint === withoutEnd(authenticateUrl, AUTHENTICATE),
    'the two addresses do not belong together',
  );

  const userParameter = safeText(userId);
  return [
    ['l', encodeTextUrl(registration.loadBalancerCookie)],
    ['issuer', encodeTextUrl(cleanText(registration.issuer))],
    ['m', messageId],
    ['s', encodeBase64Url(secret)],
    ['c', encodeBase64Url(challenge)],
    ['r', encodeTextUrl(registerUrl)],
    ['a', encodeTextUrl(authenticateUrl)],
    ['uid', userParameter],
    ['d', pushUserId ? userParameter : undefined],
    ['pid', safeText(deviceUuid)],
    ['b', uriColor(registration.backgroundColor)],
  ];
}

/** The URI, without what it can do without where it would not scan any more. */
export function fittedUri(path: string, parameters: UriParameters): string {
  const left = new Set(parameters.flatMap(([name, value]) => (value === undefined ? [] : [name])));
  const uri = () =>
    `${path}?${parameters.flatMap(([name, value]) => (left.has(name) ? [`${name}=${value}`] : [])).join('&')}`;
  for (const name of ['image', 'd', 'uid']) {
    if (uri().length <= MAX_REGISTRATION_URI_LENGTH) break;
    left.delete(name);
  }
  const result = uri();
  demand(
    result.length <= MAX_REGISTRATION_URI_LENGTH,
    `the registration URI needs ${result.length} characters, more than ${MAX_REGISTRATION_URI_LENGTH}`,
  );
  return result;
}

export function demand(condition: boolean, problem: string): asserts condition {
  if (!condition) throw new RangeError(`Cannot make a registration URI: ${problem}.`);
}

function withoutEnd(url: string, end: string): string | undefined {
  if (!url.endsWith(end) || !URL_TEXT.test(url)) return undefined;
  const endpoint = url.slice(0, -end.length);
  return /[?#]/.test(endpoint) ? undefined : endpoint;
}

/** Phones disagree about the alphabet of these parameters: only a value that both alphabets share may be sent (§1.5). */
export function safeText(text: string): string | undefined {
  const encoded = encodeTextUrl(text);
  return text === '' || /[-_]/.test(encoded) ? undefined : encoded;
}
