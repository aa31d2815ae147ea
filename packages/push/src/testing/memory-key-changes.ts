import type { BoundDevice, BoundDeviceChange, BoundDeviceReader } from '../model/bound-device.ts';
import { afterAccess, afterRename } from '../model/device-rules.ts';
import type { Passkey, PasskeyChange, PasskeyReader } from '../model/passkey.ts';
import { afterPasskeyUse } from '../model/passkey-rules.ts';

/** A change of what a user proves by a key whose private half is elsewhere, or of what it has signed. */
type KeyChange =
  | PasskeyChange
  | BoundDeviceChange
  | { readonly type: 'replay.room' }
  | { readonly type: 'replay.see'; readonly hash: string };

export interface KeyTables {
  readonly passkeys: Map<string, Passkey>;
  /** By {@link nameOfBound}. */
  readonly boundDevices: Map<string, BoundDevice>;
  /** Hashes of what must not be seen twice. */
  readonly seen: Set<string>;
}

export const emptyKeyTables = (): KeyTables => ({ passkeys: new Map(), boundDevices: new Map(), seen: new Set() });

export const copyOfKeyTables = ({ passkeys, boundDevices, seen }: KeyTables): KeyTables => ({
  passkeys: new Map(passkeys),
  boundDevices: new Map(boundDevices),
  seen: new Set(seen),
});

export const isKeyChange = (change: { readonly type: string }): change is KeyChange =>
  /^(?:passkey|bound|replay)\./.test(change.type);

const nameOfBound = ({ realm, uuid }: Pick<BoundDevice, 'realm' | 'uuid'>): string => `${realm} ${uuid}`;

const rowsOfUser = <R extends { readonly userId: string }>(
  table: ReadonlyMap<string, R>,
  userId: string,
): readonly R[] => [...table.values()].filter((row) => row.userId === userId);

const newestFirst = (a: { readonly createdAt: number }, b: { readonly createdAt: number }): number =>
  b.createdAt - a.createdAt;

/** Those who read these tables, each by `read`. */
export const keyReaders = (
  read: <T>(get: (from: KeyTables) => T) => Promise<T>,
): { readonly passkeys: PasskeyReader; readonly boundDevices: BoundDeviceReader; readonly replays: Replays } => ({
  passkeys: {
    ofUser: (userId) => read((it) => rowsOfUser(it.passkeys, userId).toSorted(newestFirst)),
    byCredentialId: (realm, credentialId) =>
      read((it) => [...it.passkeys.values()].find((row) => row.realm === realm && row.credentialId === credentialId)),
    get: (uuid) => read((it) => it.passkeys.get(uuid)),
    countOfOtherRelyingParty: (realm, rpId, limit) =>
      read((it) => {
        const others = [...it.passkeys.values()].filter((row) => row.realm === realm && row.rpId !== undefined);
        return Math.min(others.filter((row) => row.rpId !== rpId).length, limit);
      }),
  },
  boundDevices: {
    ofUser: (userId) => read((it) => rowsOfUser(it.boundDevices, userId).toSorted(newestFirst)),
    get: (realm, uuid) => read((it) => it.boundDevices.get(nameOfBound({ realm, uuid }))),
  },
  replays: { has: (hash) => read((it) => it.seen.has(hash)) },
});

interface Replays {
  has(hash: string): Promise<boolean>;
}

/** Puts a row as a rule leaves it; `false` where the rule says that nothing is to be done. */
const keep = <R>(table: Map<string, R>, name: string, row: R | undefined): boolean => {
  if (row !== undefined) table.set(name, row);
  return row !== undefined;
};

const deleteOfUser = (table: Map<string, { readonly userId: string }>, userId: string): void => {
  for (const [name, row] of table) if (row.userId === userId) table.delete(name);
};

/** `removeCodes` removes the recovery codes of type `webauthn`. */
export const applyKeyChange = (
  { passkeys, boundDevices, seen }: KeyTables,
  change: KeyChange,
  removeCodes: (userId: string) => void,
): boolean => {
  switch (change.type) {
    case 'passkey.insert': {
      const { row, maxDevices } = change;
      const isTaken = [...passkeys.values()].some(
        ({ uuid, realm, credentialId }) =>
          uuid === row.uuid || (realm === row.realm && credentialId === row.credentialId),
      );
      if (isTaken || rowsOfUser(passkeys, row.userId).length >= maxDevices) return false;
      return keep(passkeys, row.uuid, row);
    }
    case 'passkey.update':
      return keep(passkeys, change.row.uuid, afterRename(passkeys.get(change.row.uuid), change.row));
    case 'passkey.used':
      return keep(passkeys, change.uuid, afterPasskeyUse(passkeys.get(change.uuid), change));
    case 'passkey.delete': {
      const row = passkeys.get(change.uuid);
      if (row === undefined) return false;
      passkeys.delete(change.uuid);
      if (rowsOfUser(passkeys, row.userId).length === 0) removeCodes(row.userId);
      return true;
    }
    case 'passkey.deleteAll':
      deleteOfUser(passkeys, change.userId);
      removeCodes(change.userId);
      return true;
    case 'bound.insert': {
      const { row, maxDevices } = change;
      if (boundDevices.has(nameOfBound(row)) || rowsOfUser(boundDevices, row.userId).length >= maxDevices) return false;
      return keep(boundDevices, nameOfBound(row), row);
    }
    case 'bound.update':
      return keep(
        boundDevices,
        nameOfBound(change.row),
        afterRename(boundDevices.get(nameOfBound(change.row)), change.row),
      );
    case 'bound.accessed': {
      const row = boundDevices.get(nameOfBound(change));
      return keep(boundDevices, nameOfBound(change), row && afterAccess(row, change.at));
    }
    case 'bound.delete':
      return boundDevices.delete(nameOfBound(change));
    case 'bound.deleteAll':
      deleteOfUser(boundDevices, change.userId);
      return true;
    case 'replay.room':
      return true;
    case 'replay.see':
      if (seen.has(change.hash)) return false;
      seen.add(change.hash);
      return true;
  }
};
