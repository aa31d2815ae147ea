import { createHmac } from 'node:crypto';
import {
  encodeTextUrl,
  type JwtExpectations,
  type Parsed,
  parsed,
  refused,
  type SplitJws,
  splitJwsUnder,
} from '../protocol/index.ts';
import { type OpenedJwt, openVerified } from './opened-jwt.ts';
import { sameBytes } from './same-bytes.ts';

const KEY_BYTES = 32;
const MAX_HEADER_LENGTH = 100;

/** A key that is replaced by others in time; what it has signed names it (RFC 7515 §4.1.4). */
interface NamedKey {
  /** Letters and digits. */
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** What the first key signs names none: programs from before keys had names read it, and what they have signed is read. */
const FIRST = '1';
const FIRST_HEADER = encodeTextUrl('{"typ":"JWT","alg":"HS256"}');

const HEADER = /^\{"typ":"JWT","alg":"HS256","kid":"(\w{1,16})"\}$/;

const headers = new Map<string, string>([[FIRST, FIRST_HEADER]]);
const ids = new Map<string, string>([[FIRST_HEADER, FIRST]]);
/** As many as a server has that has replaced its key every day for months. */
const MAX_HEADERS = 200;

const headerOf = (id: string): string => {
  const known = headers.get(id);
  if (known !== undefined) return known;
  const made = encodeTextUrl(`{"typ":"JWT","alg":"HS256","kid":"${id}"}`);
  if (headers.size < MAX_HEADERS) {
    headers.set(id, made);
    ids.set(made, id);
  }
  return made;
};

/** Only as it is written here: of a header nothing is believed but which of our keys it names (RFC 8725 §3.10). */
const idIn = (header: string): string | undefined => {
  const known = ids.get(header);
  if (known !== undefined || header.length > MAX_HEADER_LENGTH) return known;
  const id = HEADER.exec(Buffer.from(header, 'base64url').toString())?.[1];
  // In one spelling alone, so that two texts are never one token.
  const isExact = id !== undefined && encodeTextUrl(`{"typ":"JWT","alg":"HS256","kid":"${id}"}`) === header;
  return isExact && id !== FIRST ? id : undefined;
};

const mac = ({ bytes }: Pick<NamedKey, 'bytes'>, input: string): Buffer => {
  if (bytes.length < KEY_BYTES) throw new RangeError('a shared key has at least 32 bytes');
  return createHmac('sha256', bytes).update(input).digest();
};

/** The compact JWS, under a key that it names, of claims that are JSON text already. */
export const signKeyedHs256 = (claims: string, key: NamedKey): string => {
  const input = `${headerOf(key.id)}.${Buffer.from(claims).toString('base64url')}`;
  return `${input}.${mac(key, input).toString('base64url')}`;
};

/** Which key a JWS names; undefined where it is none that was made here. */
export const keyIdOfJws = (jws: string): string | undefined => idIn(jws.slice(0, Math.max(0, jws.indexOf('.'))));

/** Verifies a JWS under the key that it names, where that is one; nothing of its payload is parsed. */
export const verifyKeyedHs256 = (jwt: string, find: (id: string) => Uint8Array | undefined): Parsed<SplitJws> => {
  let bytes: Uint8Array | undefined;
  const jws = splitJwsUnder(jwt, (header) => {
    const id = idIn(header);
    bytes = id === undefined ? undefined : find(id);
    return bytes === undefined ? undefined : 'HS256';
  });
  if (!jws.ok || bytes === undefined) return jws;
  return sameBytes(jws.value.signature, mac({ bytes }, jws.value.signingInput))
    ? parsed(jws.value)
    : refused('signature does not verify');
};

/** As {@link verifyKeyedHs256}, with its claims. */
export const openKeyedHs256 = (
  jwt: string,
  find: (id: string) => Uint8Array | undefined,
  expectations: JwtExpectations,
): OpenedJwt => openVerified(verifyKeyedHs256(jwt, find), expectations);
