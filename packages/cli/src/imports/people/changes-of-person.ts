import type { CodeType } from '@assent/factors';
import type { Stored } from '../../command/stored.ts';
import {
  changesOfCounts,
  changesOfDevices,
  changesOfUse,
  type DeviceRules,
  NO_DEVICES,
  newDevices,
  rowsOfDevices,
  skipMarks,
} from '../devices/changes-of-devices.ts';
import type { Devices } from '../devices/devices-of-person.ts';
import { freeKeys } from './free-keys.ts';
import {
  type Change,
  changesOfAccount,
  freeUuid,
  type Newcomer,
  type NewUser,
  trailOf,
  type User,
} from './newcomer.ts';
import type { Notice } from './notice.ts';
import type { Person } from './person.ts';

interface Tools {
  readonly stored: Pick<Stored<unknown>, 'io' | 'server' | 'store'>;
  readonly rules: DeviceRules;
}

/** What makes a user of a person. */
const newUser = ({ stored, rules }: Tools, realm: string, id: string, person: Person): NewUser => {
  const { io, server } = stored;
  const { username, hash, active, createdAt = io.now() } = person;
  const marks = skipMarks(person.devices, rules);
  const attributes = { ...person.attributes, ...marks, ...server.creationAttributes(createdAt) };
  const rows = rowsOfDevices(stored, { id, realm, username }, person.devices, NO_DEVICES, rules);
  return {
    user: {
      id,
      realm,
      username,
      active,
      attributes,
      credentialRev: 1,
      ...(hash !== undefined && { hash }),
      devices: rows.push,
      oathDevices: rows.oath,
      passkeys: rows.webauthn,
      boundDevices: rows.binding,
      codes: rows.codes,
      consents: [],
    },
    trail: trailOf(io, 'USER_CREATE', realm, id),
  };
};

/**
 * What the file says otherwise than the store. What it does not name stays, and so does a password once its user has signed in
 * here: then the hash is one of ours, and the one of the file may be older.
 */
const changesToUpdate = async (
  { stored, rules }: Tools,
  user: User,
  { attributes, active, hash, devices }: Person,
): Promise<readonly Change[]> => {
  const known = await storedOf(stored, user, devices);
  const isOther = hash !== undefined && hash !== known.hash && known.hash?.startsWith('$argon2') !== true;
  const account = changesOfAccount(user, {
    attributes: { ...attributes, ...skipMarks(devices, rules) },
    active,
    hash: isOther ? hash : undefined,
  });
  const rows = rowsOfDevices(stored, user, newDevices(devices, known.devices), known.devices, rules);
  const changes = [
    ...account,
    ...changesOfDevices(user.id, rows, rules),
    ...changesOfUse(known.devices.oath, devices.oath),
    ...changesOfCounts(known.devices.webauthn, devices.webauthn),
  ];
  return changes.length === 0 ? [] : [...changes, trailOf(stored.io, 'USER_UPDATE', user.realm, user.id)];
};

/** What the user has here of what the file may bring. */
const storedOf = async ({ store }: Tools['stored'], { id }: User, given: Devices) => {
  const { identities, devices, oathDevices, passkeys, boundDevices } = store;
  const hash = await identities.passwordHash(id);
  if (Object.values(given).every((profiles) => profiles.length === 0)) return { hash, devices: NO_DEVICES };
  const [push, oath, webauthn, binding, codes] = await Promise.all([
    devices.ofUser(id),
    oathDevices.ofUser(id),
    passkeys.ofUser(id),
    boundDevices.ofUser(id),
    devices.codesOfUser(id),
  ]);
  const has = (type: CodeType): boolean => codes.some(({ deviceType }) => deviceType === type);
  const hasCodes = { push: has('push'), oath: has('oath'), webauthn: has('webauthn') };
  return { hash, devices: { push, oath, webauthn, binding, hasCodes } };
};

/** The devices that can be had here, each under an id that is free. */
const withFreeIds = async (
  { stored }: Tools,
  { push, oath, webauthn, binding }: Devices,
  owner: Parameters<typeof freeKeys>[1],
): Promise<{ readonly devices: Devices; readonly notices: readonly Notice[] }> => {
  const { devices, oathDevices } = stored.store;
  const { passkeys, boundDevices, notices } = await freeKeys(stored, owner, {
    passkeys: webauthn,
    boundDevices: binding,
  });
  return {
    devices: {
      push: await Promise.all(push.map(async (it) => ({ ...it, uuid: await freeUuid(devices, it.uuid, owner.id) }))),
      oath: await Promise.all(
        oath.map(async (it) => ({ ...it, uuid: await freeUuid(oathDevices, it.uuid, owner.id) })),
      ),
      webauthn: passkeys,
      binding: boundDevices,
    },
    notices,
  };
};

/** A person of another server's file, as one who comes to the realm. */
export const personAsNewcomer = (tools: Tools, realm: string, person: Person): Newcomer => {
  const here = async (id: string | undefined) => {
    const { username, devices: given } = person;
    const { devices, notices } = await withFreeIds(tools, given, { realm, username, id });
    return { person: { ...person, devices }, notices };
  };
  return {
    username: person.username,
    notices: person.notices,
    groups: person.groups,
    isCertainly: () => false,
    async created() {
      const { person: comes, notices } = await here(undefined);
      return { ...newUser(tools, realm, tools.stored.io.randomUuid(), comes), notices };
    },
    async updated(user) {
      const { person: comes, notices } = await here(user.id);
      return { changes: await changesToUpdate(tools, user, comes), notices };
    },
  };
};
