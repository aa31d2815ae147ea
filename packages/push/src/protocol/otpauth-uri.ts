import { decodeBase32, encodeBase32 } from './base32.ts';
import { decodeText, encodeTextUrl } from './base64.ts';
import { cleanText } from './display-text.ts';
import { type Parsed, parsed, refused } from './parsed.ts';
import {
  demand,
  fittedUri,
  pushParameters,
  type Registration,
  readPushParameters,
  type ScannedRegistration,
  type SplitUri,
  safeText,
  splitUri,
  type UriParameters,
  uriColor,
  uriLabel,
} from './registration-uri.ts';

/** How a generator makes its one-time passwords. */
export type OathParameters = {
  readonly secret: Uint8Array;
  readonly digits: 6 | 8;
  /** Our own: HOTP with the checksum digit of RFC 4226 appendix C. */
  readonly checksumDigit?: boolean;
  /** Our own: HOTP that is cut at a fixed place. */
  readonly truncationOffset?: number;
} & (
  | { readonly type: 'totp'; readonly periodSeconds: number; readonly hash: 'SHA1' | 'SHA256' | 'SHA512' }
  | { readonly type: 'hotp'; readonly counter: number }
);

/** What the QR code of a generator says. */
export interface OathAccount {
  readonly issuer: string;
  readonly account: string;
  readonly oath: OathParameters;
  readonly userId: string;
  readonly oathUuid: string;
  /** Six hex digits, with or without `#`. */
  readonly backgroundColor: string;
  readonly imageUrl?: string;
}

/** One code for both: push and one-time passwords. */
export interface CombinedRegistration extends Registration {
  readonly oath: OathParameters;
  readonly oathUuid: string;
  /** JSON text for the phone to enforce (spec/push-protocol.md §1.6). */
  readonly policies?: string;
}

const MAX_SECRET_BYTES = 256;

/** The `otpauth` URI that sets up a generator (spec/push-protocol.md §1.4). */
export function formatOathUri(given: OathAccount): string {
  const { oath, oathUuid, userId, imageUrl } = given;
  const issuer = encodeURIComponent(cleanText(given.issuer));
  return fittedUri(`otpauth://${oath.type}/${uriLabel(given)}`, [
    ...oathParameters(oath),
    ['b', uriColor(given.backgroundColor)],
    ['image', plainImage(imageUrl)],
    ['uid', safeText(userId)],
    ['oid', safeText(oathUuid)],
    // AM leaves it out; other apps group accounts by it. One phone would cut it at an ampersand (§1.1).
    ['issuer', issuer.includes('%26') ? undefined : issuer],
  ]);
}

/** The `mfauth` URI that sets up both (spec/push-protocol.md §1.3): the push parameters, then the others. */
export function formatCombinedUri(given: CombinedRegistration): string {
  const { oath, oathUuid, policies, imageUrl } = given;
  return fittedUri(`mfauth://${oath.type}/${uriLabel(given)}`, [
    ...pushParameters(given),
    ['image', plainImage(imageUrl)],
    ...oathParameters(oath),
    ['oid', safeText(oathUuid)],
    ['policies', policies === undefined || policies.trim() === '' ? undefined : policiesText(policies)],
  ]);
}

function oathParameters(oath: OathParameters): UriParameters {
  const { secret, digits, checksumDigit = false, truncationOffset = -1 } = oath;
  demand(secret.length > 0 && secret.length <= MAX_SECRET_BYTES, `a secret cannot have ${secret.length} bytes`);
  return [
    ['secret', encodeBase32(secret)],
    oath.type === 'hotp' ? ['counter', String(oath.counter)] : ['period', String(oath.periodSeconds)],
    ['digits', String(digits)],
    ['algorithm', oath.type === 'totp' && oath.hash !== 'SHA1' ? oath.hash : undefined],
    ['x_checksum', oath.type === 'hotp' && checksumDigit ? 'true' : undefined],
    ['x_offset', oath.type === 'hotp' && truncationOffset >= 0 ? String(truncationOffset) : undefined],
  ];
}

/** A logo stands as it is, so it can only hold what means nothing in a query, decoded once or twice (§1.1, §1.3). */
const plainImage = (url: string | undefined): string | undefined =>
  url !== undefined && /^https?:\/\/[\w./:~@,;!$()*=-]+$/.test(url) ? url : undefined;

/** Phones disagree about the alphabet: blanks shift the text until both alphabets spell it alike (§1.5). */
function policiesText(json: string): string {
  const compact = JSON.stringify(JSON.parse(json) as unknown);
  const spaced = ['', ' ', '  '].map((blanks) => `${blanks}${compact}`);
  const spread = ['', ' ', '  '].map((blanks) =>
    // String by string, so that a colon inside one is not taken for the one after a name.
    compact.replace(/("(?:[^"\\]|\\.)*")(:?)/g, (_whole, text: string, colon: string) =>
      colon === '' ? text : `${text}:${blanks}`,
    ),
  );
  return (
    [...spaced, ...spread].map((text) => safeText(text)).find((text) => text !== undefined) ?? encodeTextUrl(compact)
  );
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

/** Reads an `otpauth` URI, also one of another server. */
export function parseOathUri(text: string): Parsed<ScannedOath> {
  const type = /^otpauth:\/\/(totp|hotp)\//i.exec(text)?.[1]?.toLowerCase();
  if (type !== 'totp' && type !== 'hotp') return refused('not an otpauth URI');
  const split = splitUri(
    text.replace(/^[^/]+\/\/[^/]+\//, (it) => it.toLowerCase()),
    `otpauth://${type}/`,
  );
  if (!split.ok) return split;
  const { query, account } = split.value;
  // One label alone stands for both (§1.4).
  const issuer = query.get('issuer') || split.value.issuer || account;
  if (issuer === '' || account.trim() === '') return refused('issuer or account is missing');
  const oath = readOathParameters(type, query);
  if (!oath.ok) return oath;
  const color = query.get('b')?.replace(/^#/, '');
  const image = query.get('image');
  return parsed({
    issuer: issuer.trim(),
    account: account.trim(),
    oath: oath.value,
    ...readIds(query),
    ...(color !== undefined && /^[0-9a-f]{6}$/i.test(color) && { backgroundColor: color }),
    ...(image !== undefined && image !== '' && { imageUrl: image }),
  });
}

/** Reads an `mfauth` URI. */
export function parseCombinedUri(text: string): Parsed<ScannedCombined> {
  const type = /^mfauth:\/\/(totp|hotp)\//.exec(text)?.[1];
  if (type !== 'totp' && type !== 'hotp') return refused('not an mfauth URI');
  const split: Parsed<SplitUri> = splitUri(text, `mfauth://${type}/`);
  if (!split.ok) return split;
  const push = readPushParameters(split.value, { isImagePlain: true });
  if (!push.ok) return push;
  const oath = readOathParameters(type, split.value.query);
  if (!oath.ok) return oath;
  const { oathUuid } = readIds(split.value.query);
  return parsed({ push: push.value, oath: oath.value, ...(oathUuid !== undefined && { oathUuid }) });
}

/** Names, not secrets: one that cannot be read is as good as none. */
function readIds(query: ReadonlyMap<string, string>): { readonly userId?: string; readonly oathUuid?: string } {
  const userId = decodeText(query.get('uid') ?? '');
  const oathUuid = decodeText(query.get('oid') ?? '');
  return { ...(userId && { userId }), ...(oathUuid && { oathUuid }) };
}

function readOathParameters(type: 'totp' | 'hotp', query: ReadonlyMap<string, string>): Parsed<OathParameters> {
  const secret = decodeBase32((query.get('secret') ?? '').replace(/[\s-]/g, ''));
  if (secret === undefined || secret.length === 0 || secret.length > MAX_SECRET_BYTES) {
    return refused('secret is not a base32 key');
  }
  const digits = wholeNumber(query.get('digits') ?? '6');
  if (digits !== 6 && digits !== 8) return refused('digits is neither 6 nor 8');
  if (type === 'hotp') {
    const counter = wholeNumber(query.get('counter') ?? '0');
    if (counter === undefined) return refused('counter is no number');
    const offset = wholeNumber(query.get('x_offset') ?? '');
    return parsed({
      type,
      secret,
      digits,
      counter,
      ...(query.get('x_checksum') === 'true' && { checksumDigit: true }),
      ...(offset !== undefined && { truncationOffset: offset }),
    });
  }
  const periodSeconds = wholeNumber(query.get('period') ?? '30');
  if (periodSeconds === undefined || periodSeconds === 0) return refused('period is no number of seconds');
  const hash = (query.get('algorithm') ?? 'SHA1').toUpperCase().replace(/^(?:HMAC-?)?SHA-?/, 'SHA');
  if (hash !== 'SHA1' && hash !== 'SHA256' && hash !== 'SHA512') return refused('algorithm is not known');
  return parsed({ type, secret, digits, periodSeconds, hash });
}

const wholeNumber = (text: string): number | undefined => (/^\d{1,15}$/.test(text) ? Number(text) : undefined);
