import type { BoundDevice, CodeType, OathDevice, Passkey, RecoveryCodeRow, RecoveryCodeSets } from '@assent/factors';
import type { PushDevice } from '@assent/push';
import type { Stored } from '../../command/stored.ts';
import type { Devices } from './devices-of-person.ts';

export interface DeviceRules {
  /** How the realm marks who has such a device. */
  readonly skipAttributes: Readonly<Record<'push' | 'oath', string>>;
  readonly maxDevices: number;
  readonly codes: RecoveryCodeSets;
}

interface Owner {
  readonly id: string;
  readonly realm: string;
  readonly username: string;
}

/** What the user has here already. */
export interface KnownDevices {
  readonly push: readonly Pick<PushDevice, 'uuid' | 'mechanismUid'>[];
  readonly oath: readonly OathDevice[];
  readonly webauthn: readonly Passkey[];
  readonly binding: readonly Pick<BoundDevice, 'uuid'>[];
  readonly hasCodes: Readonly<Record<CodeType, boolean>>;
}

const CODE_TYPES = ['push', 'oath', 'webauthn'] as const satisfies readonly CodeType[];

export const NO_DEVICES: KnownDevices = {
  push: [],
  oath: [],
  webauthn: [],
  binding: [],
  hasCodes: { push: false, oath: false, webauthn: false },
};

/** The devices of a file that the user does not have here yet. */
export const newDevices = ({ push, oath, webauthn, binding }: Devices, known: KnownDevices): Devices => ({
  push: push.filter(
    (it) => !known.push.some(({ uuid, mechanismUid }) => uuid === it.uuid || mechanismUid === it.mechanismUid),
  ),
  oath: oath.filter(
    (it) => !known.oath.some(({ uuid, secret }) => uuid === it.uuid || Buffer.compare(secret, it.secret) === 0),
  ),
  webauthn: webauthn.filter((it) => !known.webauthn.some(({ credentialId }) => credentialId === it.credentialId)),
  binding: binding.filter((it) => !known.binding.some(({ uuid }) => uuid === it.uuid)),
});

const NOT_SKIPPABLE = '2';

/** What marks the user as one who has such devices, whatever the file says (design.md §3 decision 7). */
export const skipMarks = (
  { push, oath }: Devices,
  { skipAttributes }: DeviceRules,
): Readonly<Record<string, readonly string[]>> => ({
  ...(push.length > 0 && { [skipAttributes.push]: [NOT_SKIPPABLE] }),
  ...(oath.length > 0 && { [skipAttributes.oath]: [NOT_SKIPPABLE] }),
});

/** Rows of devices, and of the codes of each kind. */
interface DeviceRows {
  readonly push: readonly PushDevice[];
  readonly oath: readonly OathDevice[];
  readonly webauthn: readonly Passkey[];
  readonly binding: readonly BoundDevice[];
  readonly codes: readonly RecoveryCodeRow[];
}

/** Of an authenticator that does not say which model it is. */
const NO_MODEL = '00000000-0000-0000-0000-000000000000';

/** What such devices are here, with their codes where the user has none of the kind. */
export const rowsOfDevices = (
  { io }: Pick<Stored<unknown>, 'io'>,
  owner: Owner,
  devices: Devices,
  known: KnownDevices,
  rules: DeviceRules,
): DeviceRows => {
  const { id: userId, realm, username } = owner;
  const now = io.now();
  const ownedSince = (createdAt = now, lastAccessAt = createdAt) => ({
    realm,
    userId,
    username,
    createdAt,
    lastAccessAt,
    rev: 0,
  });
  const push = devices.push.map(({ codes: _codes, uuid = io.randomUuid(), createdAt, lastAccessAt, ...profile }) => ({
    ...profile,
    ...ownedSince(createdAt, lastAccessAt),
    uuid,
    refreshHashes: [],
  }));
  const oath = devices.oath.map(({ codes: _codes, uuid = io.randomUuid(), createdAt, lastAccessAt, ...profile }) => ({
    ...profile,
    ...ownedSince(createdAt, lastAccessAt),
    uuid,
    // AM keeps none with a generator; the app has its own.
    issuer: '',
  }));
  const webauthn = devices.webauthn.map(
    ({ codes: _codes, uuid = io.randomUuid(), createdAt, lastAccessAt, ...profile }): Passkey => ({
      ...profile,
      ...ownedSince(createdAt, lastAccessAt),
      uuid,
      // What else there is to know AM does not keep: the first use says some of it.
      userVerified: false,
      backedUp: false,
      aaguid: NO_MODEL,
      transports: [],
      attestation: 'NONE',
    }),
  );
  const binding = devices.binding.map(
    ({ createdAt, lastAccessAt, ...profile }): BoundDevice => ({
      ...profile,
      ...ownedSince(createdAt, lastAccessAt),
      applicationId: '',
      authenticationType: '',
      attested: false,
    }),
  );
  const codesOf = (deviceType: CodeType) => {
    const stored = new Set(devices[deviceType].flatMap(({ codes }) => codes));
    if (known.hasCodes[deviceType]) return [];
    return [...stored].flatMap((it) => rules.codes.importedRowOf({ realm, userId, deviceType }, it) ?? []);
  };
  return { push, oath, webauthn, binding, codes: CODE_TYPES.flatMap(codesOf) };
};

/** What gives a user who is here those devices. */
export const changesOfDevices = (
  userId: string,
  { push, oath, webauthn, binding, codes }: DeviceRows,
  { maxDevices }: Pick<DeviceRules, 'maxDevices'>,
) => [
  ...push.map((row) => ({ type: 'device.insert' as const, row, maxDevices })),
  ...oath.map((row) => ({ type: 'oath.insert' as const, row, maxDevices })),
  ...webauthn.map((row) => ({ type: 'passkey.insert' as const, row, maxDevices })),
  ...binding.map((row) => ({ type: 'bound.insert' as const, row, maxDevices })),
  ...CODE_TYPES.flatMap((deviceType) => {
    const rows = codes.filter((row) => row.deviceType === deviceType);
    return rows.length === 0 ? [] : [{ type: 'codes.replace' as const, userId, deviceType, rows }];
  }),
];

type Used = Pick<OathDevice, 'uuid' | 'secret' | 'counter' | 'lastLoginSeconds'>;

/** What was used up there of generators that are here: a one-time password that was good once is not good again (SEC-49). */
export const changesOfUse = (
  known: readonly OathDevice[],
  given: readonly (Omit<Used, 'uuid'> & { readonly uuid: string | undefined })[],
) =>
  known.flatMap((row) => {
    const used = given.find(({ uuid, secret }) => uuid === row.uuid || Buffer.compare(secret, row.secret) === 0);
    const counter = Math.max(row.counter, used?.counter ?? 0);
    const lastLoginSeconds = Math.max(row.lastLoginSeconds, used?.lastLoginSeconds ?? 0);
    if (counter === row.counter && lastLoginSeconds === row.lastLoginSeconds) return [];
    return [{ type: 'oath.update' as const, row: { ...row, counter, lastLoginSeconds } satisfies OathDevice }];
  });

/** How far passkeys that are here have counted up there: a copy that is behind that is told from its original (WA-11). */
export const changesOfCounts = (
  known: readonly Passkey[],
  given: readonly (Pick<Passkey, 'credentialId' | 'signCount'> & { readonly lastAccessAt: number | undefined })[],
) =>
  known.flatMap(({ uuid, credentialId, signCount, userVerified, backedUp, lastAccessAt }) => {
    const used = given.find((it) => it.credentialId === credentialId);
    if (used === undefined || used.signCount <= signCount) return [];
    const at = used.lastAccessAt ?? lastAccessAt;
    const { signCount: sent } = used;
    return [{ type: 'passkey.used' as const, uuid, signCount: sent, mismatch: false, userVerified, backedUp, at }];
  });
