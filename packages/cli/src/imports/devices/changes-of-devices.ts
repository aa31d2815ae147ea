import type { DeviceType, OathDevice, PushDevice, RecoveryCodeRow, RecoveryCodeSets } from '@assent/push';
import type { Stored } from '../../command/stored.ts';
import type { Devices } from './devices-of-person.ts';

export interface DeviceRules {
  /** How the realm marks who has such a device. */
  readonly skipAttributes: Readonly<Record<DeviceType, string>>;
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
  readonly hasCodes: Readonly<Record<DeviceType, boolean>>;
}

export const NO_DEVICES: KnownDevices = { push: [], oath: [], hasCodes: { push: false, oath: false } };

/** The devices of a file that the user does not have here yet. */
export const newDevices = ({ push, oath }: Devices, known: KnownDevices): Devices => ({
  push: push.filter(
    (it) => !known.push.some(({ uuid, mechanismUid }) => uuid === it.uuid || mechanismUid === it.mechanismUid),
  ),
  oath: oath.filter(
    (it) => !known.oath.some(({ uuid, secret }) => uuid === it.uuid || Buffer.compare(secret, it.secret) === 0),
  ),
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
  readonly codes: Readonly<Record<DeviceType, readonly RecoveryCodeRow[]>>;
}

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
  const push = devices.push.map(({ codes: _codes, uuid = io.randomUuid(), createdAt = now, ...profile }) => ({
    ...profile,
    uuid,
    realm,
    userId,
    username,
    createdAt,
    lastAccessAt: profile.lastAccessAt ?? createdAt,
    refreshHashes: [],
    rev: 0,
  }));
  const oath = devices.oath.map(({ codes: _codes, uuid = io.randomUuid(), createdAt = now, ...profile }) => ({
    ...profile,
    uuid,
    realm,
    userId,
    username,
    // AM keeps none with a generator; the app has its own.
    issuer: '',
    createdAt,
    lastAccessAt: profile.lastAccessAt ?? createdAt,
    rev: 0,
  }));
  const codesOf = (deviceType: DeviceType) => {
    const stored = new Set(devices[deviceType].flatMap(({ codes }) => codes));
    if (known.hasCodes[deviceType]) return [];
    return [...stored].flatMap((it) => rules.codes.importedRowOf({ realm, userId, deviceType }, it) ?? []);
  };
  return { push, oath, codes: { push: codesOf('push'), oath: codesOf('oath') } };
};

/** What gives a user who is here those devices. */
export const changesOfDevices = (userId: string, { push, oath, codes }: DeviceRows, { maxDevices }: DeviceRules) => [
  ...push.map((row) => ({ type: 'device.insert' as const, row, maxDevices })),
  ...oath.map((row) => ({ type: 'oath.insert' as const, row, maxDevices })),
  ...(['push', 'oath'] as const).flatMap((deviceType) => {
    const rows = codes[deviceType];
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
