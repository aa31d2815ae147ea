import { createECDH, createHash, createHmac, createPrivateKey } from 'node:crypto';
import { PASSKEY_ALGORITHMS } from '../../passkeys/verification/public-key.ts';
import { integer, sequence } from './der.ts';
import { type SoftwareKey, softwareKey } from './software-key.ts';

// Signatures that are the same each time (RFC 6979), for keys out of published examples. Arithmetic of numbers this large takes a time that tells of
// them: for nothing but tests.

interface Curve {
  readonly crv: 'P-256' | 'P-384' | 'P-521';
  readonly name: string;
  readonly hash: string;
  readonly bytes: number;
  /** FIPS 186-5; SEC 2 §2. */
  readonly order: bigint;
}

const CURVES: ReadonlyMap<number, Curve> = new Map([
  [
    PASSKEY_ALGORITHMS.ES256,
    {
      crv: 'P-256',
      name: 'prime256v1',
      hash: 'sha256',
      bytes: 32,
      order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    },
  ],
  [
    PASSKEY_ALGORITHMS.ES384,
    {
      crv: 'P-384',
      name: 'secp384r1',
      hash: 'sha384',
      bytes: 48,
      order: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    },
  ],
  [
    PASSKEY_ALGORITHMS.ES512,
    {
      crv: 'P-521',
      name: 'secp521r1',
      hash: 'sha512',
      bytes: 66,
      order:
        0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
    },
  ],
]);

/** The key of a private number. */
export function deterministicEcKey(scalar: Uint8Array, algorithm: number): SoftwareKey {
  const curve = CURVES.get(algorithm);
  if (curve === undefined) throw new RangeError(`${algorithm} has no curve.`);
  const d = toBytes(toNumber(scalar), curve.bytes);
  const point = multiplied(curve, d);
  const part = (from: number) => point.subarray(from, from + curve.bytes).toString('base64url');
  const jwk = { kty: 'EC', crv: curve.crv, x: part(1), y: part(1 + curve.bytes), d: d.toString('base64url') };
  const key = softwareKey(createPrivateKey({ key: jwk, format: 'jwk' }), algorithm);
  return { ...key, sign: (data) => new Uint8Array(signed(curve, toNumber(d), data)) };
}

function signed({ order, hash, ...curve }: Curve, secret: bigint, data: Uint8Array): Uint8Array {
  const digest = createHash(hash).update(data).digest();
  const z = leftBits(digest, order);
  for (const k of nonces(hash, order, curve.bytes, secret, z)) {
    const x = multiplied(curve, toBytes(k, curve.bytes)).subarray(1, 1 + curve.bytes);
    const r = toNumber(x) % order;
    const s = (inverse(k, order) * ((z + r * secret) % order)) % order;
    if (r !== 0n && s !== 0n) return sequence(...[r, s].map((it) => integer(toBytes(it, curve.bytes))));
  }
  throw new Error('There is always another number.');
}

/** RFC 6979 §3.2. */
function* nonces(hash: string, order: bigint, bytes: number, secret: bigint, z: bigint): Generator<bigint> {
  const mac = (key: Uint8Array, ...parts: readonly Uint8Array[]) =>
    createHmac(hash, key).update(Buffer.concat(parts)).digest();
  const length = createHash(hash).digest().length;
  const seed = Buffer.concat([toBytes(secret, bytes), toBytes(z % order, bytes)]);
  let v: Uint8Array = Buffer.alloc(length, 1);
  let key: Uint8Array = Buffer.alloc(length, 0);
  for (const step of [0, 1]) {
    key = mac(key, v, Uint8Array.of(step), seed);
    v = mac(key, v);
  }
  for (;;) {
    const blocks: Uint8Array[] = [];
    while (Buffer.concat(blocks).length < bytes) {
      v = mac(key, v);
      blocks.push(v);
    }
    const k = leftBits(Buffer.concat(blocks), order);
    if (k > 0n && k < order) yield k;
    key = mac(key, v, Uint8Array.of(0));
    v = mac(key, v);
  }
}

/** The first bits of some bytes, as many as the order has (RFC 6979 §2.3.2). */
const leftBits = (bytes: Uint8Array, order: bigint): bigint => {
  const surplus = bytes.length * 8 - order.toString(2).length;
  return surplus > 0 ? toNumber(bytes) >> BigInt(surplus) : toNumber(bytes);
};

const multiplied = ({ name }: Pick<Curve, 'name'>, factor: Uint8Array): Buffer => {
  const ecdh = createECDH(name);
  ecdh.setPrivateKey(factor);
  return ecdh.getPublicKey();
};

/** By the theorem of Fermat: the modulus is a prime. */
function inverse(number: bigint, modulus: bigint): bigint {
  let result = 1n;
  let base = number % modulus;
  for (let exponent = modulus - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % modulus;
    base = (base * base) % modulus;
  }
  return result;
}

const toNumber = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);

const toBytes = (number: bigint, length: number): Buffer =>
  Buffer.from(number.toString(16).padStart(length * 2, '0'), 'hex');
