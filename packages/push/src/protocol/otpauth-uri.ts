import { encodeBase32 } from './base32.ts';
import { encodeTextUrl } from './base64.ts';
import { cleanText } from './display-text.ts';
import {
  demand,
  fittedUri,
  pushParameters,
  type Registration,
  safeText,
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
    compact.replace(/("(?:[^"\\]|\\.?)*(?:"|$))(:?)/g, (_whole, text: string, colon: string) =>
      colon === '' ? text : `${text}:${blanks}`,
    ),
  );
  return (
    [...spaced, ...spread].map((text) => safeText(text)).find((text) => text !== undefined) ?? encodeTextUrl(compact)
  );
}
