import { createPublicKey } from 'node:crypto';
import { foreignKeyFault } from '@assent/engine';
import { decodeBase64UrlExactly, encodeBase64Url, type Parsed, parsed, refused } from '@assent/push/protocol';
import type { Passkey, PasskeyJwk } from '../../model/passkey.ts';
import { type CborMap, type CborValue, encodeCbor } from './strict-cbor.ts';

/** A key with the COSE algorithm that its authenticator signs by. */
export type PasskeyKey = Pick<Passkey, 'publicKey' | 'algorithm'>;

/** The algorithms that a passkey may have; what AM has beside them, RS1, is nobody's any more (WA-09). */
export const PASSKEY_ALGORITHMS = {
  ES256: -7,
  EDDSA: -8,
  ES384: -35,
  ES512: -36,
  RS256: -257,
  RS384: -258,
  RS512: -259,
} as const;

/** Labels of COSE keys (RFC 9052 §7.1, RFC 9053 §7, RFC 8230 §4). */
const LABEL = { kty: 1, alg: 3, crv: -1, x: -2, y: -3, n: -1, e: -2 } as const;
const KEY_TYPE = { OKP: 1, EC2: 2, RSA: 3 } as const;
const ED25519 = 6;

interface Curve {
  readonly crv: 'P-256' | 'P-384' | 'P-521';
  readonly label: number;
  readonly bytes: number;
}

/** Each ECDSA algorithm has its curve (WebAuthn Level 3 §5.8.5). */
const CURVES: ReadonlyMap<number, Curve> = new Map([
  [PASSKEY_ALGORITHMS.ES256, { crv: 'P-256', label: 1, bytes: 32 }],
  [PASSKEY_ALGORITHMS.ES384, { crv: 'P-384', label: 2, bytes: 48 }],
  [PASSKEY_ALGORITHMS.ES512, { crv: 'P-521', label: 3, bytes: 66 }],
]);
const RSA_ALGORITHMS: ReadonlySet<number> = new Set([
  PASSKEY_ALGORITHMS.RS256,
  PASSKEY_ALGORITHMS.RS384,
  PASSKEY_ALGORITHMS.RS512,
]);

const ED25519_BYTES = 32;

/**
 * The key in a COSE key of an authenticator: of an algorithm that may be, on the curve or as long as the algorithm demands, with the members
 * that it needs and no other (WebAuthn Level 3 §6.5.1.1, WA-09).
 */
export function readCoseKey(cose: CborMap): Parsed<PasskeyKey, 'algorithm' | 'publicKey'> {
  const algorithm = cose.get(LABEL.alg);
  if (typeof algorithm !== 'number') return refused('algorithm');
  const curve = CURVES.get(algorithm);
  let publicKey: PasskeyJwk | undefined;
  if (curve !== undefined) publicKey = ecKey(cose, curve);
  else if (RSA_ALGORITHMS.has(algorithm)) publicKey = rsaKey(cose);
  else if (algorithm === PASSKEY_ALGORITHMS.EDDSA) publicKey = ed25519Key(cose);
  else return refused('algorithm');
  return publicKey !== undefined && isKey(publicKey) ? parsed({ publicKey, algorithm }) : refused('publicKey');
}

/** The COSE key, as an authenticator would write it. Throws a `TypeError` for a JWK whose members are not base64url. */
export function encodeCoseKey(key: PasskeyKey): Uint8Array<ArrayBuffer> {
  const map = coseMap(key);
  if (map === undefined) throw new TypeError('The public key of a passkey is not base64url.');
  return encodeCbor(map);
}

function coseMap({ publicKey, algorithm }: PasskeyKey): CborMap | undefined {
  const entries: [number, CborValue | undefined][] = [];
  switch (publicKey.kty) {
    case 'EC': {
      const label = [...CURVES.values()].find(({ crv }) => crv === publicKey.crv)?.label;
      const [x, y] = [decodeBase64UrlExactly(publicKey.x), decodeBase64UrlExactly(publicKey.y)];
      entries.push([LABEL.kty, KEY_TYPE.EC2], [LABEL.alg, algorithm]);
      entries.push([LABEL.crv, label], [LABEL.x, x], [LABEL.y, y]);
      break;
    }
    case 'RSA': {
      const [n, e] = [decodeBase64UrlExactly(publicKey.n), decodeBase64UrlExactly(publicKey.e)];
      entries.push([LABEL.kty, KEY_TYPE.RSA], [LABEL.alg, algorithm], [LABEL.n, n], [LABEL.e, e]);
      break;
    }
    case 'OKP': {
      entries.push([LABEL.kty, KEY_TYPE.OKP], [LABEL.alg, algorithm], [LABEL.crv, ED25519]);
      entries.push([LABEL.x, decodeBase64UrlExactly(publicKey.x)]);
      break;
    }
  }
  const map = new Map<number, CborValue>();
  for (const [label, value] of entries) {
    if (value === undefined) return undefined;
    map.set(label, value);
  }
  return map;
}

function ecKey(cose: CborMap, { crv, label, bytes }: Curve): PasskeyJwk | undefined {
  const [x, y] = [bytesOf(cose.get(LABEL.x)), bytesOf(cose.get(LABEL.y))];
  const isOfCurve = cose.get(LABEL.kty) === KEY_TYPE.EC2 && cose.get(LABEL.crv) === label && cose.size === 5;
  if (!isOfCurve || x?.length !== bytes || y?.length !== bytes) return undefined;
  return { kty: 'EC', crv, x: encodeBase64Url(x), y: encodeBase64Url(y) };
}

function rsaKey(cose: CborMap): PasskeyJwk | undefined {
  const [n, e] = [bytesOf(cose.get(LABEL.n)), bytesOf(cose.get(LABEL.e))];
  if (cose.get(LABEL.kty) !== KEY_TYPE.RSA || cose.size !== 4 || n === undefined || e === undefined) return undefined;
  // One spelling of a number, as CBOR has one of everything (RFC 8230 §4).
  if (n[0] === 0 || e[0] === 0) return undefined;
  return { kty: 'RSA', n: encodeBase64Url(n), e: encodeBase64Url(e) };
}

function ed25519Key(cose: CborMap): PasskeyJwk | undefined {
  const x = bytesOf(cose.get(LABEL.x));
  const isOfCurve = cose.get(LABEL.kty) === KEY_TYPE.OKP && cose.get(LABEL.crv) === ED25519 && cose.size === 4;
  return isOfCurve && x?.length === ED25519_BYTES ? { kty: 'OKP', crv: 'Ed25519', x: encodeBase64Url(x) } : undefined;
}

const bytesOf = (value: CborValue | undefined): Uint8Array | undefined =>
  value instanceof Uint8Array ? value : undefined;

/** Whether it may verify anything here, and the arithmetic of the platform takes it for a key: of a curve, a point on it. */
function isKey(publicKey: PasskeyJwk): boolean {
  if (foreignKeyFault(publicKey) !== undefined) return false;
  try {
    createPublicKey({ key: { ...publicKey }, format: 'jwk' });
    return true;
  } catch {
    return false;
  }
}
