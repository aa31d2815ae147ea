import type { BoundDevice, Passkey } from '@assent/factors';

/** The public key of RFC 7517 appendix A.1. */
export const EC_KEY = {
  kty: 'EC',
  crv: 'P-256',
  x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
  y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
} as const;

type Owner = Pick<Passkey, 'realm' | 'userId' | 'username'>;

const AT = 1_800_000_000_000;

export const passkeyOf = (owner: Owner): Passkey => ({
  ...owner,
  uuid: `passkey of ${owner.userId}`,
  deviceName: 'Security key',
  credentialId: Buffer.from(`credential of ${owner.userId}`).toString('base64url'),
  userHandle: `handle-of-${owner.userId}`,
  publicKey: EC_KEY,
  algorithm: -7,
  signCount: 12,
  userVerified: true,
  backupEligible: true,
  backedUp: true,
  aaguid: '08987058-cadc-4b81-b6e1-30de50dcbe96',
  transports: ['hybrid', 'internal'],
  attachment: 'platform',
  attestation: 'CA',
  rpId: 'id.example.org',
  createdAt: AT,
  lastAccessAt: AT + 1,
  counterMismatchAt: AT + 2,
  rev: 4,
});

export const boundDeviceOf = (owner: Owner): BoundDevice => ({
  ...owner,
  uuid: `kid-of-${owner.userId}`,
  deviceName: 'App',
  deviceId: 'installation-1',
  key: { ...EC_KEY, kid: `kid-of-${owner.userId}`, use: 'sig', alg: 'ES256' },
  applicationId: 'org.example.app',
  authenticationType: 'BIOMETRIC_ONLY',
  attested: true,
  createdAt: AT,
  lastAccessAt: AT + 1,
  rev: 4,
});
