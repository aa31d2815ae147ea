import type { BoundDevice, BoundDeviceChange } from '../model/bound-device.ts';
import { afterAccess, afterRename } from '../model/device-rules.ts';
import type { Passkey, PasskeyChange } from '../model/passkey.ts';
import { afterPasskeyUse } from '../model/passkey-rules.ts';

/** A change of what a user proves by a key whose private half is elsewhere. */
type KeyChange = PasskeyChange | BoundDeviceChange;

export interface KeyTables {
  readonly passkeys: Map<string, Passkey>;
  /** By {@link nameOfBound}. */
  readonly boundDevices: Map<string, BoundDevice>;
}

export const isKeyChange = (change: { readonly type: string }): change is KeyChange =>
  /^(?:passkey|bound)\./.test(change.type);

export const nameOfBound = ({ realm, uuid }: Pick<BoundDevice, 'realm' | 'uuid'>): string => `${realm} ${uuid}`;

export const rowsOfUser = <R extends { readonly userId: string }>(
  table: ReadonlyMap<string, R>,
  userId: string,
): readonly R[] => [...table.values()].filter((row) => row.userId === userId);

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
  { passkeys, boundDevices }: KeyTables,
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
  }
};
