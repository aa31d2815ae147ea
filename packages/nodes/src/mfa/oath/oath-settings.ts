import type { HashAlgorithm, OathDevice } from '@assent/factors';
import { encodeBase64, encodeBase64Url, type OathParameters, utf8Bytes } from '@assent/push/protocol';
import { z } from 'zod';
import type { PendingOathDevice } from '../../handovers.ts';

/** Null is what an import holds where nothing was chosen; the node then says so in its documented words. */
export const oathAlgorithm = z.enum(['HOTP', 'TOTP']).nullable().default('TOTP').meta({
  title: 'OATH Algorithm',
  description: 'TOTP counts by time, HOTP by use.',
});
export const totpTimeInterval = z.int().min(1).default(30).meta({
  title: 'TOTP Time Step Interval',
  description: 'How many seconds a password is shown.',
});
export const totpHashAlgorithm = z.enum(['HMAC_SHA1', 'HMAC_SHA256', 'HMAC_SHA512']).default('HMAC_SHA1').meta({
  title: 'TOTP Hash Algorithm',
  description: 'What a password is made with. Many authenticator apps know HMAC-SHA1 only.',
});

export const HASH_OF = {
  HMAC_SHA1: 'SHA1',
  HMAC_SHA256: 'SHA256',
  HMAC_SHA512: 'SHA512',
} as const satisfies Record<string, HashAlgorithm>;

/** Settings of the nodes that register a generator (spec: nodes-mfa §5.1). */
export const oathRegistrationConfig = {
  passwordLength: z.enum(['SIX_DIGITS', 'EIGHT_DIGITS']).default('SIX_DIGITS').meta({
    title: 'One Time Password Length',
    description: 'How many digits a password has.',
  }),
  minSharedSecretLength: z.int().min(1).max(256).default(32).meta({
    title: 'Minimum Secret Key Length',
    description: 'How many hexadecimal characters the secret has at the least.',
  }),
  algorithm: oathAlgorithm,
  totpTimeInterval,
  totpHashAlgorithm,
  addChecksum: z.boolean().default(false).meta({
    title: 'HOTP Checksum Digit',
    description: 'Expect a checksum digit after each HOTP password.',
  }),
  truncationOffset: z.int().default(-1).meta({
    title: 'HOTP Truncation Offset',
    description: 'Where the MAC of an HOTP password is cut; -1 is the standard way.',
  }),
};

export type OathRegistrationConfig = z.output<z.ZodObject<typeof oathRegistrationConfig>>;

const DIGITS_OF = { SIX_DIGITS: 6, EIGHT_DIGITS: 8 } as const;
/** RFC 4226 §4, R6: a secret has at least 128 bits. */
const MIN_SECRET_BYTES = 16;

/** What a new device has from the settings. The secret is as long as base 32 writes without padding. */
export const newDeviceOptions = (config: OathRegistrationConfig) => ({
  secretBytes: Math.ceil(Math.max(MIN_SECRET_BYTES, config.minSharedSecretLength / 2) / 5) * 5,
  digits: DIGITS_OF[config.passwordLength],
  checksumDigit: config.addChecksum,
  truncationOffset: config.truncationOffset,
});

/** How the phone has to make passwords; undefined where no algorithm was chosen. */
export function oathParametersOf(device: OathDevice, config: OathRegistrationConfig): OathParameters | undefined {
  const { secret, counter, checksumDigit, truncationOffset } = device;
  const digits = DIGITS_OF[config.passwordLength];
  switch (config.algorithm) {
    case 'HOTP':
      return { type: 'hotp', secret, digits, counter, checksumDigit, truncationOffset };
    case 'TOTP':
      return {
        type: 'totp',
        secret,
        digits,
        periodSeconds: config.totpTimeInterval,
        hash: HASH_OF[config.totpHashAlgorithm],
      };
    default:
      return undefined;
  }
}

/** The documented shared-state value `oathDeviceProfile`; the secret stays out of it (ADR 0003). */
export const profileOf = (device: OathDevice): string =>
  encodeBase64(
    utf8Bytes(
      JSON.stringify({
        uuid: device.uuid,
        deviceName: device.deviceName,
        sharedSecret: 'placeholder',
        lastLogin: device.lastLoginSeconds,
        counter: device.counter,
        checksumDigit: device.checksumDigit,
        truncationOffset: device.truncationOffset,
        clockDriftSeconds: device.clockDriftSeconds,
        recoveryCodes: [],
        createdDate: device.createdAt,
        lastAccessDate: device.lastAccessAt,
      }),
    ),
  );

export const toPending = (
  device: OathDevice,
  { isAuthorized, isShown }: Pick<PendingOathDevice, 'isAuthorized' | 'isShown'>,
): PendingOathDevice => ({
  ...device,
  secret: encodeBase64Url(device.secret),
  isAuthorized,
  isShown,
});

export const fromPending = ({
  isAuthorized: _,
  isShown: _shown,
  secret,
  ...device
}: PendingOathDevice): OathDevice => ({
  ...device,
  secret: new Uint8Array(Buffer.from(secret, 'base64url')),
});
