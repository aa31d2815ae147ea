import { createPublicKey } from 'node:crypto';
import { foreignKeyFault } from '@assent/engine';
import { type Claims, isObject, type Parsed, parsed, refused, unstorableMember } from '@assent/push/protocol';
import type { BoundDeviceJwk } from '../model/bound-device.ts';

/** Nothing that is signed with a secret, and nothing that is not signed (WA-43). */
export const BINDING_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
] as const;
export type BindingAlgorithm = (typeof BINDING_ALGORITHMS)[number];

/** What is wrong with the key that a device brings. */
export type KeyFault = 'noKey' | 'keyType' | 'privateKey' | 'weakKey' | 'keyMismatch';

const CURVE_OF: Readonly<Partial<Record<BindingAlgorithm, string>>> = {
  ES256: 'P-256',
  ES384: 'P-384',
  ES512: 'P-521',
};

/** RFC 7518 §6.2.2, §6.3.2 and §6.4: of a key that has travelled with one of these, nobody knows who else has it. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

export const isBindingAlgorithm = (alg: unknown): alg is BindingAlgorithm =>
  (BINDING_ALGORITHMS as readonly unknown[]).includes(alg);

/** Whether a key signs by that algorithm and by no other (RFC 8725 §3.1): the one that it was bound with, where that is known. */
export const signsBy = (key: BoundDeviceJwk, alg: BindingAlgorithm): boolean =>
  key.alg === undefined ? fits(key, alg) : key.alg === alg;

const fits = (key: Pick<BoundDeviceJwk, 'kty'> & { readonly crv?: string }, alg: BindingAlgorithm): boolean =>
  key.kty === 'EC' ? CURVE_OF[alg] === key.crv : CURVE_OF[alg] === undefined;

/**
 * The public key of a header (RFC 7517), as it is kept: the members that make it, and by which algorithm it signs. What else it says of itself
 * has to agree with the header; a chain of certificates is not part of it.
 */
export const readDeviceKey = (
  jwk: unknown,
  { alg, kid }: { readonly alg: BindingAlgorithm; readonly kid: string },
): Parsed<BoundDeviceJwk, KeyFault> => {
  if (!isObject(jwk)) return refused('noKey');
  if (PRIVATE_MEMBERS.some((name) => Object.hasOwn(jwk, name))) return refused('privateKey');
  const agrees =
    (jwk.alg === undefined || jwk.alg === alg) &&
    (jwk.kid === undefined || jwk.kid === kid) &&
    (jwk.use === undefined || jwk.use === 'sig');
  if (!agrees) return refused('keyMismatch');
  const key = publicMembers(jwk, { kid, use: 'sig', alg });
  if (key === undefined || unstorableMember(key) !== undefined) return refused('keyType');
  if (!fits(key, alg)) return refused('keyMismatch');
  return strengthFault(key) ?? parsed(key);
};

const publicMembers = (
  { kty, crv, x, y, n, e }: Claims,
  own: { readonly kid: string; readonly use: 'sig'; readonly alg: BindingAlgorithm },
): BoundDeviceJwk | undefined => {
  if (kty === 'RSA') return isText(n) && isText(e) ? { kty, n, e, ...own } : undefined;
  if (kty !== 'EC' || (crv !== 'P-256' && crv !== 'P-384' && crv !== 'P-521')) return undefined;
  return isText(x) && isText(y) ? { kty, crv, x, y, ...own } : undefined;
};

const isText = (value: unknown): value is string => typeof value === 'string';

/** That a point is on its curve the library of the platform sees. */
const strengthFault = (key: BoundDeviceJwk): { readonly ok: false; readonly reason: KeyFault } | undefined => {
  try {
    const fault = foreignKeyFault(key);
    if (fault !== undefined) return refused(fault === 'size' || fault === 'exponent' ? 'weakKey' : 'keyType');
    createPublicKey({ key: { ...key }, format: 'jwk' });
    return undefined;
  } catch {
    return refused('keyType');
  }
};
