import type { BoundDeviceJwk, PasskeyJwk } from '@assent/factors';
import { codesOf, nameOf, parsed, textOf, timeOf, uuidOf } from './profile-members.ts';
import { readBoundJwk, readPublicJwk } from './public-jwk.ts';

/** What a passkey is known by, as AM stores it (spec: webauthn §8.1). */
export interface PasskeyProfile {
  readonly uuid: string | undefined;
  readonly deviceName: string;
  readonly credentialId: string;
  /** What AM has told the authenticator of the user. */
  readonly userHandle: string;
  readonly publicKey: PasskeyJwk;
  readonly algorithm: number;
  readonly signCount: number;
  readonly createdAt: number | undefined;
  readonly lastAccessAt: number | undefined;
  readonly codes: readonly string[];
}

/** What a bound device is known by, as AM stores it. */
export interface BoundProfile {
  readonly uuid: string;
  readonly deviceName: string;
  readonly deviceId: string;
  readonly key: BoundDeviceJwk;
  readonly createdAt: number | undefined;
  readonly lastAccessAt: number | undefined;
}

/** Why such a profile does not come: it cannot be read, it has a private key, or signs in a way that is not taken (WA-09, WA-31, WA-43). */
export type KeyProfileFault = 'form' | 'private' | 'algorithm';

const MAX_CREDENTIAL_BYTES = 1_023;
const MAX_COUNT = 2 ** 32 - 1;
const MAX_DEVICE_ID_LENGTH = 256;

/** The COSE number of a signature as Java names it, and the kind of key that it is made with (RFC 9053 §2, RFC 8812 §2). */
const ALGORITHMS: Readonly<Record<string, readonly [cose: number, key: string]>> = {
  SHA256withECDSA: [-7, 'P-256'],
  SHA384withECDSA: [-35, 'P-384'],
  SHA512withECDSA: [-36, 'P-521'],
  SHA256withRSA: [-257, 'RSA'],
  SHA384withRSA: [-258, 'RSA'],
  SHA512withRSA: [-259, 'RSA'],
  EdDSA: [-8, 'Ed25519'],
  Ed25519: [-8, 'Ed25519'],
};
const kindOf = (key: PasskeyJwk | BoundDeviceJwk): string => (key.kty === 'RSA' ? 'RSA' : key.crv);

const algorithmOf = (name: unknown, key: PasskeyJwk): number | undefined => {
  const [cose, kind] = (typeof name === 'string' && Object.hasOwn(ALGORITHMS, name) && ALGORITHMS[name]) || [];
  return kind === kindOf(key) ? cose : undefined;
};

/** In the one spelling that an id has: two of one id would be two passkeys. */
const credentialIdOf = (value: unknown): string | undefined => {
  const text = textOf(value)?.replace(/={1,2}$/, '');
  if (text === undefined) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  return bytes.length <= MAX_CREDENTIAL_BYTES && bytes.toString('base64url') === text ? text : undefined;
};

/** Reads a value of `webauthnDeviceProfiles` of the user who has that name there. */
export const readPasskeyProfile = (text: string, username: string): PasskeyProfile | KeyProfileFault => {
  const profile = parsed(text);
  const credentialId = credentialIdOf(profile?.credentialId);
  const { signCount = 0 } = profile ?? {};
  if (profile === undefined || credentialId === undefined) return 'form';
  if (typeof signCount !== 'number' || !Number.isInteger(signCount) || signCount < 0 || signCount > MAX_COUNT)
    return 'form';
  const publicKey = readPublicJwk(profile.key);
  if (typeof publicKey === 'string') return publicKey;
  const algorithm = algorithmOf(profile.algorithm, publicKey);
  if (algorithm === undefined) return 'algorithm';
  return {
    uuid: uuidOf(profile.uuid),
    deviceName: nameOf(profile.deviceName, 'New Security Key'),
    credentialId,
    userHandle: Buffer.from(username).toString('base64url'),
    publicKey,
    algorithm,
    signCount,
    createdAt: timeOf(profile.createdDate),
    lastAccessAt: timeOf(profile.lastAccessDate),
    codes: codesOf(profile.recoveryCodes),
  };
};

/** In which a device may sign (spec: webauthn §9 row 15), by the kind of key. */
const SIGNATURES: Readonly<Record<string, readonly string[]>> = {
  RSA: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  'P-256': ['ES256'],
  'P-384': ['ES384'],
  'P-521': ['ES512'],
};

/** Reads a value of `boundDevices`. */
export const readBoundProfile = (text: string): BoundProfile | KeyProfileFault => {
  const profile = parsed(text);
  const uuid = uuidOf(profile?.uuid);
  if (profile === undefined || uuid === undefined) return 'form';
  const key = readBoundJwk(profile.key);
  if (typeof key === 'string') return key;
  // What it signs names the key by it.
  if (key.kid !== undefined && key.kid !== uuid) return 'form';
  if (key.alg !== undefined && SIGNATURES[kindOf(key)]?.includes(key.alg) !== true) return 'algorithm';
  return {
    uuid,
    deviceName: nameOf(profile.deviceName, 'Device Name'),
    deviceId: textOf(profile.deviceId, MAX_DEVICE_ID_LENGTH) ?? '',
    key,
    createdAt: timeOf(profile.createdDate),
    lastAccessAt: timeOf(profile.lastAccessDate),
  };
};
