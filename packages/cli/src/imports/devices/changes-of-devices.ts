import type { DeviceType, OathDevice, PushDevice, RecoveryCodeSets } from '@assent/push';
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
  readonly oath: readonly Pick<OathDevice, 'uuid' | 'secret'>[];
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

/** What gives a user those devices, and their codes where there are none of the kind. */
export const changesOfDevices = (
  { io }: Pick<Stored<unknown>, 'io'>,
  owner: Owner,
  devices: Devices,
  known: KnownDevices,
  rules: DeviceRules,
) => {
  const { id: userId, realm, username } = owner;
  const { maxDevices } = rules;
  const now = io.now();
  const pushRows = devices.push.map(({ codes: _codes, uuid = io.randomUuid(), createdAt = now, ...profile }) => ({
    type: 'device.insert' as const,
    row: {
      ...profile,
      uuid,
      realm,
      userId,
      username,
      createdAt,
      lastAccessAt: profile.lastAccessAt ?? createdAt,
      refreshHashes: [],
      rev: 0,
    } satisfies PushDevice,
    maxDevices,
  }));
  const oathRows = devices.oath.map(({ codes: _codes, uuid = io.randomUuid(), createdAt = now, ...profile }) => ({
    type: 'oath.insert' as const,
    row: {
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
    } satisfies OathDevice,
    maxDevices,
  }));
  const codesOf = (deviceType: DeviceType) => {
    const stored = new Set(devices[deviceType].flatMap(({ codes }) => codes));
    if (stored.size === 0 || known.hasCodes[deviceType]) return [];
    const rows = [...stored].flatMap((it) => rules.codes.importedRowOf({ realm, userId, deviceType }, it) ?? []);
    return rows.length === 0 ? [] : [{ type: 'codes.replace' as const, userId, deviceType, rows }];
  };
  return [...pushRows, ...oathRows, ...codesOf('push'), ...codesOf('oath')];
};
