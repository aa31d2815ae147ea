import { handover } from '@assent/engine';
import type { BoundDevice, OathDevice, Passkey } from '@assent/factors';
import { z } from 'zod';

// What a registration leaves to the node that stores it, where no script writes (docs/adr/0122). What AM's documented keys in state say of
// it is for scripts to read: nobody here stores what stands there.

/** Every member of a row, so that none is lost on the way from one node to another. */
type MembersOf<Row> = { readonly [Member in keyof Required<Row>]: z.ZodType };

const optionalText = z.string().exactOptional();

const pendingPasskeyRow = z.object({
  uuid: z.string(),
  realm: z.string(),
  userId: z.string(),
  username: z.string(),
  deviceName: z.string(),
  credentialId: z.string(),
  userHandle: z.string(),
  publicKey: z.union([
    z.object({ kty: z.literal('EC'), crv: z.enum(['P-256', 'P-384', 'P-521']), x: z.string(), y: z.string() }),
    z.object({ kty: z.literal('RSA'), n: z.string(), e: z.string() }),
    z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string() }),
  ]),
  algorithm: z.int(),
  signCount: z.int(),
  userVerified: z.boolean(),
  backupEligible: z.boolean().exactOptional(),
  backedUp: z.boolean(),
  aaguid: z.string(),
  transports: z.array(z.string()),
  attachment: z.enum(['platform', 'cross-platform']).exactOptional(),
  attestation: z.enum(['NONE', 'SELF', 'BASIC', 'CA']),
  rpId: optionalText,
  createdAt: z.int(),
  lastAccessAt: z.int(),
  counterMismatchAt: z.int().exactOptional(),
  rev: z.int(),
  /** Whether the browser has made it by itself. */
  isUnasked: z.boolean().exactOptional(),
} satisfies MembersOf<PendingPasskey>);

export interface PendingPasskey extends Passkey {
  /** It says nothing of whoever is in the journey, and no codes are made for it (WA-30). */
  readonly isUnasked?: boolean;
}

/** Of WebAuthn Registration; all of it is public. */
export const pendingPasskey = handover<PendingPasskey>('passkey', pendingPasskeyRow);

const labels = { kid: optionalText, use: optionalText, alg: optionalText };

const boundDevice = z.object({
  uuid: z.string(),
  realm: z.string(),
  userId: z.string(),
  username: z.string(),
  deviceName: z.string(),
  deviceId: z.string(),
  key: z.union([
    z.object({
      kty: z.literal('EC'),
      crv: z.enum(['P-256', 'P-384', 'P-521']),
      x: z.string(),
      y: z.string(),
      ...labels,
    }),
    z.object({ kty: z.literal('RSA'), n: z.string(), e: z.string(), ...labels }),
  ]),
  applicationId: z.string(),
  authenticationType: z.string(),
  attested: z.boolean(),
  createdAt: z.int(),
  lastAccessAt: z.int(),
  rev: z.int(),
} satisfies MembersOf<BoundDevice>);

export interface PendingBoundDevice {
  /** The row as it would be stored; all of it is public. */
  readonly device: BoundDevice;
  /** The limit of the node that has bound it; 0 for the realm's. */
  readonly maxDevices: number;
}

/** Where a link went, so that an address which its user only claims is proven once the link is followed. */
const sentThere = { attribute: z.string(), address: z.string() };

/** Of Email Suspend, from the mail until the link is followed; `userId` where the address is that of a user. */
export const linkedAddress = handover<{ attribute: string; address: string; userId: string | null }>(
  'linkedAddress',
  z.object({ ...sentThere, userId: z.string().nullable() }),
);

/** The address to which that link went, once it is followed in a journey that makes a user. */
export const provenAddress = handover<{ attribute: string; address: string }>('provenAddress', z.object(sentThere));

/** For whom these two are kept: a registration has no user yet. */
export const NO_USER = Object.freeze({ id: '', username: '' });

/** Of Device Binding. */
export const pendingBoundDevice = handover<PendingBoundDevice>(
  'boundDevice',
  z.object({ device: boundDevice, maxDevices: z.int() }),
);

const pendingOathDevice = z.object({
  uuid: z.string(),
  realm: z.string(),
  userId: z.string(),
  username: z.string(),
  deviceName: z.string(),
  issuer: z.string(),
  /** Base64url: between two requests it lies in the sealed row of the journey (ADR 0003). */
  secret: z.string(),
  digits: z.union([z.literal(6), z.literal(8)]).exactOptional(),
  counter: z.int(),
  lastLoginSeconds: z.int(),
  clockDriftSeconds: z.int(),
  checksumDigit: z.boolean(),
  truncationOffset: z.int(),
  createdAt: z.int(),
  lastAccessAt: z.int(),
  rev: z.int(),
  /** Whether it may be added to devices that the user has: another factor came first. */
  isAuthorized: z.boolean(),
  /** Whether a password of it was verified: it is a factor that the user has shown from when it is stored, and not before. */
  isShown: z.boolean(),
} satisfies MembersOf<OathDevice & { isAuthorized: boolean; isShown: boolean }>);

export type PendingOathDevice = z.output<typeof pendingOathDevice>;

/** Of the nodes that show a generator's code, from the code on the screen until it is stored. */
export const pendingGenerator = handover<PendingOathDevice>('oathDevice', pendingOathDevice);
