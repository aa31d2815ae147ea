import type { BroughtUser, Store } from '@assent/store';
import type { Stored } from '../../command/stored.ts';
import {
  changesOfDevices,
  type DeviceRules,
  type KnownDevices,
  NO_DEVICES,
  newDevices,
  rowsOfDevices,
  skipMarks,
} from '../devices/changes-of-devices.ts';
import type { Person } from './person.ts';

export type Change = Parameters<Store['committer']['commit']>[0][number];
export type User = NonNullable<Awaited<ReturnType<Store['identities']['find']>>>;
type Tools = Pick<Stored<unknown>, 'io' | 'server'> & { readonly rules: DeviceRules };

/** By what the trail tells who came by an import. */
export const BY_IMPORT = 'import';

const audit = ({ io }: Tools, event: string, realm: string, userId: string): Change => ({
  type: 'audit.append',
  event: { at: io.now(), event, realm, transactionId: io.randomUuid(), userId, detail: { by: BY_IMPORT } },
});

/** What becomes of a person who is not here, and what the trail has of it. */
export const newUser = (
  tools: Tools,
  realm: string,
  id: string,
  person: Person,
): { readonly user: BroughtUser; readonly trail: Change } => {
  const { username, hash, active, createdAt = tools.io.now() } = person;
  const marks = skipMarks(person.devices, tools.rules);
  const attributes = { ...person.attributes, ...marks, ...tools.server.creationAttributes(createdAt) };
  const rows = rowsOfDevices(tools, { id, realm, username }, person.devices, NO_DEVICES, tools.rules);
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
    trail: audit(tools, 'USER_CREATE', realm, id),
  };
};

const isSame = (one: readonly string[] | undefined, other: readonly string[]): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/**
 * What the file says otherwise than the store. What it does not name stays, and so does a password once its user has signed in
 * here: then the hash is one of ours, and the one of the file may be older.
 */
export const changesToUpdate = (
  tools: Tools,
  user: User,
  stored: { readonly hash: string | undefined; readonly devices: KnownDevices },
  person: Person,
): readonly Change[] => {
  const { id, rev: seenRev, credentialRev: seenCredentialRev } = user;
  const devices = newDevices(person.devices, stored.devices);
  const wanted = { ...person.attributes, ...skipMarks(person.devices, tools.rules) };
  const differing = Object.entries(wanted).filter(([name, values]) => !isSame(user.attributes[name], values));
  const { hash, active } = person;
  const hasOther = hash !== undefined && hash !== stored.hash && stored.hash?.startsWith('$argon2') !== true;
  const isOver = hasOther || (user.active && !active);
  const added = changesOfDevices(id, rowsOfDevices(tools, user, devices, stored.devices, tools.rules), tools.rules);
  if (differing.length === 0 && !hasOther && active === user.active && added.length === 0) return [];
  return [
    { type: 'identity.attributes', id, seenRev, attributes: Object.fromEntries(differing) },
    ...(active === user.active ? [] : [{ type: 'identity.active', id, active }]),
    ...(hasOther ? [{ type: 'identity.password', id, hash, seenCredentialRev }] : []),
    ...(user.active && !active ? [{ type: 'identity.revoke', id }] : []),
    ...(isOver
      ? [
          { type: 'session.endAllOf', userId: id },
          { type: 'push.closeUser', userId: id, reason: 'account' },
        ]
      : []),
    ...added,
    audit(tools, 'USER_UPDATE', user.realm, id),
  ];
};
