import { createPublicKey } from 'node:crypto';
import { foreignKeyFault } from '@assent/engine';
import type { BoundDeviceJwk, PasskeyJwk } from '@assent/factors';
import { isJsonObject, type JsonObject } from '@assent/wire';

/** Members that a public key does not have (RFC 7518 §6). */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const;

/** Bytes of a coordinate. */
const FIELD_BYTES = { 'P-256': 32, 'P-384': 48, 'P-521': 66 } as const;
type Curve = keyof typeof FIELD_BYTES;

const ED25519_BYTES = 32;
const MAX_MEMBER_LENGTH = 2_048;

/** A number as its bytes without leading zeros, of which Java writes one more where the first bit is set. */
const numberOf = (value: unknown): Buffer | undefined => {
  if (typeof value !== 'string' || value.length > MAX_MEMBER_LENGTH || !/^[\w-]+$/.test(value)) return undefined;
  const bytes = Buffer.from(value, 'base64url');
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? undefined : bytes.subarray(first);
};

const paddedTo = (length: number, number: Buffer | undefined): string | undefined =>
  number === undefined || number.length > length
    ? undefined
    : Buffer.concat([Buffer.alloc(length - number.length), number]).toString('base64url');

const ecKey = ({ crv, x, y }: JsonObject) => {
  if (typeof crv !== 'string' || !Object.hasOwn(FIELD_BYTES, crv)) return undefined;
  const curve = crv as Curve;
  const [ofX, ofY] = [x, y].map((it) => paddedTo(FIELD_BYTES[curve], numberOf(it)));
  return ofX === undefined || ofY === undefined ? undefined : ({ kty: 'EC', crv: curve, x: ofX, y: ofY } as const);
};

const rsaKey = ({ n, e }: JsonObject) => {
  const [modulus, exponent] = [numberOf(n), numberOf(e)];
  if (modulus === undefined || exponent === undefined) return undefined;
  return { kty: 'RSA', n: modulus.toString('base64url'), e: exponent.toString('base64url') } as const;
};

const edKey = ({ crv, x }: JsonObject) => {
  const bytes =
    crv === 'Ed25519' && typeof x === 'string' && /^[\w-]+$/.test(x) ? Buffer.from(x, 'base64url') : undefined;
  return bytes?.length === ED25519_BYTES
    ? ({ kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') } as const)
    : undefined;
};

/** Whether it is a key of its kind: a point lies on its curve, an exponent is odd. */
const isKey = (jwk: PasskeyJwk): boolean => {
  if (foreignKeyFault(jwk) !== undefined) return false;
  try {
    return createPublicKey({ key: { ...jwk }, format: 'jwk' }).type === 'public';
  } catch {
    return false;
  }
};

/** Why no key comes of it; `private`: it is the half that nobody else was to have (WA-31). */
type KeyFault = 'form' | 'private';

/** The public key of a profile, in the one form that it has here: its public members, and none besides (WA-31). */
export const readPublicJwk = (value: unknown): PasskeyJwk | KeyFault => {
  if (!isJsonObject(value)) return 'form';
  if (PRIVATE_MEMBERS.some((name) => value[name] !== undefined)) return 'private';
  const readers: Readonly<Record<string, (jwk: JsonObject) => PasskeyJwk | undefined>> = {
    EC: ecKey,
    RSA: rsaKey,
    OKP: edKey,
  };
  const { kty } = value;
  const key = typeof kty === 'string' && Object.hasOwn(readers, kty) ? readers[kty]?.(value) : undefined;
  return key !== undefined && isKey(key) ? key : 'form';
};

/** What the key of a bound device says of itself. */
const LABELS = ['kid', 'use', 'alg'] as const;

/** The key of a bound device, with what it says of itself as it came. */
export const readBoundJwk = (value: unknown): BoundDeviceJwk | KeyFault => {
  const key = readPublicJwk(value);
  if (typeof key === 'string') return key;
  if (key.kty === 'OKP' || !isJsonObject(value)) return 'form';
  const said = LABELS.map((name) => [name, value[name]] as const).filter(([, it]) => it !== undefined);
  if (!said.every(([, it]) => typeof it === 'string' && it.length <= 128)) return 'form';
  return { ...key, ...Object.fromEntries(said) };
};
