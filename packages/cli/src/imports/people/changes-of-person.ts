import type { Stored } from '../../command/stored.ts';
import {
  changesOfDevices,
  changesOfUse,
  type DeviceRules,
  NO_DEVICES,
  newDevices,
  rowsOfDevices,
  skipMarks,
} from '../devices/changes-of-devices.ts';
import type { Devices } from '../devices/devices-of-person.ts';
import {
  type Change,
  changesOfAccount,
  freeUuid,
  type Newcomer,
  type NewUser,
  trailOf,
  type User,
} from './newcomer.ts';
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
      codes: [...rows.codes.push, ...rows.codes.oath],
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
  ];
  return changes.length === 0 ? [] : [...changes, trailOf(stored.io, 'USER_UPDATE', user.realm, user.id)];
};

/** What the user has here of what the file may bring. */
const storedOf = async ({ store }: Tools['stored'], { id }: User, given: Devices) => {
  const { identities, devices, oathDevices } = store;
  const hash = await identities.passwordHash(id);
  if (given.push.length === 0 && given.oath.length === 0) return { hash, devices: NO_DEVICES };
  const [push, oath, pushCodes, oathCodes] = await Promise.all([
    devices.ofUser(id),
    oathDevices.ofUser(id),
    devices.countCodes(id, 'push'),
    devices.countCodes(id, 'oath'),
  ]);
  return { hash, devices: { push, oath, hasCodes: { push: pushCodes > 0, oath: oathCodes > 0 } } };
};

const withFreeIds = async (
  { store }: Tools['stored'],
  { push, oath }: Devices,
  userId: string | undefined,
): Promise<Devices> => ({
  push: await Promise.all(push.map(async (it) => ({ ...it, uuid: await freeUuid(store.devices, it.uuid, userId) }))),
  oath: await Promise.all(
    oath.map(async (it) => ({ ...it, uuid: await freeUuid(store.oathDevices, it.uuid, userId) })),
  ),
});

/** A person of another server's file, as one who comes to the realm. */
export const personAsNewcomer = (tools: Tools, realm: string, person: Person): Newcomer => {
  const here = async (userId: string | undefined): Promise<Person> => ({
    ...person,
    devices: await withFreeIds(tools.stored, person.devices, userId),
  });
  return {
    username: person.username,
    notices: person.notices,
    groups: person.groups,
    isCertainly: () => false,
    created: async () => newUser(tools, realm, tools.stored.io.randomUuid(), await here(undefined)),
    updated: async (user) => changesToUpdate(tools, user, await here(user.id)),
  };
};
