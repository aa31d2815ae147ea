import { SECRET_ATTRIBUTES, SERVER_ATTRIBUTES } from '@assent/engine';
import { isUsableUsername } from '@assent/engine/host';
import type { BoundDevice, OathDevice, Passkey } from '@assent/factors';
import type { PushDevice } from '@assent/push';
import { z } from 'zod';
import { ROLES } from '../authorization/access.ts';

/** Where a node keeps by what it knows the browsers of a user. */
const TRUSTED_BROWSERS = 'deviceProfiles';

/** Whether an attribute proves a user, or says what the user may do or prove here: only a signed file sets those. */
export const provesOrAllows = (attribute: string): boolean =>
  [ROLES, TRUSTED_BROWSERS, ...SERVER_ATTRIBUTES].includes(attribute) || SECRET_ATTRIBUTES.has(attribute);

/** What stands in a file of a device: not whose it is, which the line says. */
type Carried<Device> = Omit<Device, 'realm' | 'userId' | 'username' | 'secret' | 'pending' | 'rev'> & {
  /** In base64url. */
  readonly secret: string;
};
export type CarriedPhone = Carried<PushDevice>;
export type CarriedGenerator = Carried<OathDevice>;
export type CarriedPasskey = Omit<Passkey, 'realm' | 'userId' | 'username' | 'rev'>;
export type CarriedBoundDevice = Omit<BoundDevice, 'realm' | 'userId' | 'username' | 'rev'>;

const text = z.string();
const whole = z.int();
const texts = z.array(text);
const attributes = z.record(text, texts);
const bytes = text.regex(/^[\w-]+$/);

/** The `satisfies` below hold these to the rows of the store: a member that is new there is missing here. */
const phone = z.strictObject({
  uuid: text,
  deviceName: text,
  issuer: text,
  secret: bytes,
  mechanismUid: text,
  deviceId: text,
  deviceType: text,
  communicationType: text,
  communicationId: text,
  xKey: z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: text, y: text }).exactOptional(),
  createdAt: whole,
  lastAccessAt: whole,
  refreshHashes: texts,
  channelDeadAt: whole.exactOptional(),
}) satisfies z.ZodType<CarriedPhone>;

const generator = z.strictObject({
  uuid: text,
  deviceName: text,
  issuer: text,
  secret: bytes,
  digits: z.literal([6, 8]).exactOptional(),
  counter: whole,
  lastLoginSeconds: whole,
  clockDriftSeconds: whole,
  checksumDigit: z.boolean(),
  truncationOffset: whole,
  createdAt: whole,
  lastAccessAt: whole,
}) satisfies z.ZodType<CarriedGenerator>;

const ecKey = { kty: z.literal('EC'), crv: z.literal(['P-256', 'P-384', 'P-521']), x: bytes, y: bytes };
const rsaKey = { kty: z.literal('RSA'), n: bytes, e: bytes };

/** Public members alone: what has others is no key of ours (WA-31). */
const passkey = z.strictObject({
  uuid: text,
  deviceName: text,
  credentialId: bytes,
  userHandle: text,
  publicKey: z.discriminatedUnion('kty', [
    z.strictObject(ecKey),
    z.strictObject(rsaKey),
    z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: bytes }),
  ]),
  algorithm: whole,
  signCount: whole,
  userVerified: z.boolean(),
  backupEligible: z.boolean().exactOptional(),
  backedUp: z.boolean(),
  aaguid: text,
  transports: texts,
  attachment: z.literal(['platform', 'cross-platform']).exactOptional(),
  attestation: z.literal(['NONE', 'SELF', 'BASIC', 'CA']),
  rpId: text.exactOptional(),
  createdAt: whole,
  lastAccessAt: whole,
  counterMismatchAt: whole.exactOptional(),
}) satisfies z.ZodType<CarriedPasskey>;

const keyLabels = { kid: text.exactOptional(), use: text.exactOptional(), alg: text.exactOptional() };
const boundDevice = z.strictObject({
  uuid: text,
  deviceName: text,
  deviceId: text,
  key: z.discriminatedUnion('kty', [
    z.strictObject({ ...ecKey, ...keyLabels }),
    z.strictObject({ ...rsaKey, ...keyLabels }),
  ]),
  applicationId: text,
  authenticationType: text,
  attested: z.boolean(),
  createdAt: whole,
  lastAccessAt: whole,
}) satisfies z.ZodType<CarriedBoundDevice>;

/** What of a user everybody may read who has the file. */
export const plainPart = z.strictObject({
  id: text.min(1),
  username: text.refine(isUsableUsername),
  active: z.boolean(),
  attributes,
  consents: z.array(z.strictObject({ clientId: text, scopes: texts, agreedAt: whole.exactOptional() })),
  /** Of a user whose password a directory keeps: the entry there. */
  entryId: text.exactOptional(),
  /** How much the user has that is secret, whether it is in the file or not. */
  has: z.strictObject({
    password: z.boolean(),
    phones: whole,
    generators: whole,
    /** Absent where there is none, as below: a program that does not know them reads the file of a realm that has none. */
    passkeys: whole.exactOptional(),
    boundDevices: whole.exactOptional(),
    codes: whole,
  }),
});

/** What proves somebody, or gives somebody rights. */
export const secretPart = z.strictObject({
  hash: text.exactOptional(),
  credentialRev: whole.min(1),
  entryMark: text.exactOptional(),
  /** Roles, and answers to questions. */
  attributes,
  phones: z.array(phone),
  generators: z.array(generator),
  passkeys: z.array(passkey).exactOptional(),
  boundDevices: z.array(boundDevice).exactOptional(),
  /** By the kind of device that a code stands for: hashes, as they are kept where the user was imported. */
  codes: z.strictObject({ push: texts, oath: texts, webauthn: texts.exactOptional() }),
  /** Those that these hashes are under, in base64url. */
  codeKeys: z.array(bytes),
});

export type PlainPart = z.infer<typeof plainPart>;
export type SecretPart = z.infer<typeof secretPart>;

/** A user of a realm, as a file has one; without `secret` where secrets were left out. */
export interface CarriedUser {
  readonly plain: PlainPart;
  readonly secret: SecretPart | undefined;
}
