import { foldUsername, type Identity } from '@assent/engine';
import {
  charactersOf,
  type IdentityDirectory,
  isUserTooLarge,
  mergedAttributes,
  provenFirst,
  type UserPage,
  type UserQuery,
} from '@assent/engine/host';
import type { MessageMoment } from '@assent/push';
import type { ChangesOf, StoreChange } from '../ports/store.ts';
import type { Belongings, BroughtUser } from '../ports/users-change.ts';
import { placeOfText, textOfPlace } from '../rules/places.ts';
import { searchValues } from '../rules/search-values.ts';
import { heldOnPage, standsAt } from '../rules/user-pages.ts';
import { keyOf, MemoryTable, taken, type UndoLog } from './tables/memory-table.ts';

interface Hash {
  readonly id: string;
  readonly hash: string;
}

/** One value of an attribute, to find its user by. */
interface Value {
  readonly userId: string;
  readonly realm: string;
  readonly name: string;
  readonly folded: string;
}

const nameKey = (realm: string, username: string): string => keyOf(realm, foldUsername(username));

const valueKey = ({ realm, name, folded, userId }: Value): string => keyOf(realm, name, folded, userId);

const charactersOfUser = (user: Identity | undefined): number =>
  user === undefined ? 0 : charactersOf(user.attributes);

/** What others keep of a user. */
interface Holdings {
  /** Removes all of it. */
  deleteOf(user: Identity): void;
  /** Ends what lets the user in. */
  endOf(userId: string, moment: MessageMoment | undefined): void;
}

export const memoryIdentities = (undoLog: UndoLog, holdings: Holdings) => {
  const table = new MemoryTable<Identity, 'name' | 'realm' | 'entry'>(
    undoLog,
    (row) => row.id,
    {
      name: (row) => nameKey(row.realm, row.username),
      realm: (row) => row.realm,
      entry: ({ realm, entryId }) => (entryId === undefined ? undefined : keyOf(realm, entryId)),
    },
    (row) => nameKey(row.realm, row.username),
  );
  const hashes = new MemoryTable<Hash>(undoLog, (row) => row.id, {});
  const values = new MemoryTable<Value, 'value' | 'user'>(
    undoLog,
    ({ userId, realm, name, folded }) => keyOf(userId, realm, name, folded),
    { value: (row) => keyOf(row.realm, row.name, row.folded), user: (row) => row.userId },
    valueKey,
  );
  const index = ({ id, realm }: Pick<Identity, 'id' | 'realm'>, attributes: Identity['attributes']): void => {
    for (const { name, folded } of searchValues(attributes)) values.put({ userId: id, realm, name, folded });
  };
  const forget = (id: string, isMeant: (name: string) => boolean): void => {
    for (const { realm, name, folded } of values.by('user', id)) {
      if (isMeant(name)) values.delete(keyOf(id, realm, name, folded));
    }
  };
  const find = (realm: string, username: string): Identity | undefined => table.by('name', nameKey(realm, username))[0];
  const findByEntry = (realm: string, entryId: string): Identity | undefined =>
    table.by('entry', keyOf(realm, entryId))[0];
  const pageByName = (realm: string, { after, limit, value, ...query }: UserQuery): UserPage => {
    if (value !== undefined) return { users: [find(realm, value) ?? []].flat() };
    const beginning = foldUsername(query.beginning ?? '');
    const from = nameKey(realm, after ?? beginning);
    const rows = table.inOrder(nameKey(realm, beginning), { from, isAfter: after !== undefined });
    const read = taken(rows, limit + 1);
    const users = heldOnPage(read.slice(0, limit), charactersOfUser);
    const last = users.at(-1);
    return last !== undefined && read.length > users.length
      ? { users, next: foldUsername(last.username), read: users.length }
      : { users };
  };
  const pageByValue = (realm: string, attribute: string, { after, limit, ...query }: UserQuery): UserPage => {
    const place = after === undefined ? undefined : placeOfText(after);
    if (after !== undefined && place === undefined) return { users: [] };
    const [whole, beginning] = [query.value, query.beginning].map((it) => it && foldUsername(it));
    const meant = whole === undefined ? keyOf(realm, attribute, beginning ?? '') : keyOf(realm, attribute, whole, '');
    const from = place === undefined ? meant : keyOf(realm, attribute, place.text, place.id);
    const read = taken(values.inOrder(meant, { from, isAfter: place !== undefined }), limit + 1);
    const held = heldOnPage(read.slice(0, limit), ({ userId }) => charactersOfUser(table.get(userId)));
    const users = held.flatMap(({ userId, folded }) => {
      const user = table.get(userId);
      const isMeant = user && (beginning === undefined || standsAt(user, attribute, beginning, folded));
      return isMeant ? [user] : [];
    });
    const last = held.at(-1);
    return last !== undefined && read.length > held.length
      ? { users, next: textOfPlace({ text: last.folded, id: last.userId }), read: held.length }
      : { users };
  };
  const remove = (row: Identity): boolean => {
    hashes.delete(row.id);
    forget(row.id, () => true);
    holdings.deleteOf(row);
    return table.delete(row.id);
  };
  const insert = (given: Omit<BroughtUser, keyof Belongings>): boolean => {
    const { id, realm, username, active, hash, attributes, credentialRev, entryId, entryMark = '' } = given;
    if (isUserTooLarge(attributes) || find(realm, username) !== undefined) return false;
    if (entryId !== undefined && findByEntry(realm, entryId) !== undefined) return false;
    const row = { id, realm, username, active, attributes, rev: 1, credentialRev };
    if (!table.insert({ ...row, ...(entryId !== undefined && { entryId, entryMark }) })) return false;
    if (hash !== undefined) hashes.put({ id, hash });
    index({ id, realm }, attributes);
    return true;
  };
  const withNextCredential = (row: Identity): Identity => ({ ...row, credentialRev: row.credentialRev + 1 });
  return {
    reader: {
      find: async (realm, username) => find(realm, username),
      findById: async (id) => table.get(id),
      findByEntry: async (realm, entryId) => findByEntry(realm, entryId),
      findByAttribute: async (realm, attribute, value) =>
        provenFirst(
          values
            .by('value', keyOf(realm, attribute, foldUsername(value)))
            .flatMap(({ userId }) => table.get(userId) ?? []),
          attribute,
        ).slice(0, 2),
      page: async (realm, query) =>
        query.attribute === undefined ? pageByName(realm, query) : pageByValue(realm, query.attribute, query),
      passwordHash: async (id) => hashes.get(id)?.hash,
    } satisfies IdentityDirectory,
    changes: {
      'identity.insert': (given) => insert({ ...given, active: true, credentialRev: 1 }),
      'identity.attributes': ({ id, seenRev, attributes }) => {
        const row = table.get(id);
        if (row === undefined || row.rev !== seenRev) return false;
        const merged = mergedAttributes(row.attributes, attributes);
        if (isUserTooLarge(merged, row.attributes)) return false;
        table.put({ ...row, attributes: merged, rev: row.rev + 1 });
        forget(id, (name) => Object.hasOwn(attributes, name));
        index(row, attributes);
        return true;
      },
      'identity.password': ({ id, hash, seenCredentialRev }) => {
        const row = table.get(id);
        if (row === undefined || (seenCredentialRev ?? row.credentialRev) !== row.credentialRev) return false;
        table.put(withNextCredential(row));
        hashes.put({ id, hash });
        return true;
      },
      'identity.rehash': ({ id, hash, seenHash }) => {
        if (hashes.get(id)?.hash !== seenHash) return false;
        hashes.put({ id, hash });
        return true;
      },
      'identity.revoke': ({ id }) => table.update(id, withNextCredential),
      'identity.usable': ({ id, credentialRev }) => {
        const row = table.get(id);
        return row?.active === true && row.credentialRev === credentialRev;
      },
      'identity.unchanged': ({ id, seenRev }) => table.get(id)?.rev === seenRev,
      'identity.active': ({ id, active, moment }) => {
        const row = table.get(id);
        if (row === undefined) return false;
        const after = { ...row, active, rev: row.rev + 1 };
        table.put(active ? after : withNextCredential(after));
        if (!active) holdings.endOf(id, moment);
        return true;
      },
      'identity.endAccess': ({ id, moment }) => {
        if (!table.update(id, withNextCredential)) return false;
        holdings.endOf(id, moment);
        return true;
      },
      'identity.rename': ({ id, username }) => {
        const row = table.get(id);
        const other = row && find(row.realm, username);
        if (row === undefined || (other !== undefined && other.id !== id)) return false;
        table.put({ ...row, username, rev: row.rev + 1 });
        return true;
      },
      'identity.entryMark': ({ id, seenMark, mark }) => {
        const row = table.get(id);
        if (row?.entryMark !== seenMark) return false;
        table.put({ ...withNextCredential(row), entryMark: mark });
        return true;
      },
      'identity.delete': ({ id }) => {
        const row = table.get(id);
        return row !== undefined && remove(row);
      },
    } satisfies ChangesOf<
      | 'identity.insert'
      | 'identity.attributes'
      | 'identity.password'
      | 'identity.rehash'
      | 'identity.revoke'
      | 'identity.usable'
      | 'identity.unchanged'
      | 'identity.active'
      | 'identity.endAccess'
      | 'identity.rename'
      | 'identity.entryMark'
      | 'identity.delete'
    >,
    insert,
    /** Whether a change would make a user larger than a user may be. */
    makesTooLarge(change: StoreChange): boolean {
      if (change.type === 'identity.insert') return isUserTooLarge(change.attributes);
      if (change.type === 'users.insert') return change.users.some(({ attributes }) => isUserTooLarge(attributes));
      const row = change.type === 'identity.attributes' ? table.get(change.id) : undefined;
      if (change.type !== 'identity.attributes' || row?.rev !== change.seenRev) return false;
      return isUserTooLarge(mergedAttributes(row.attributes, change.attributes), row.attributes);
    },
    isDisabled: (id: string): boolean => table.get(id)?.active === false,
    /** With all that is kept of the user; of one who is not there, what may be left. */
    deleteOne: ({ id, realm }: Pick<Identity, 'id' | 'realm'>): void => {
      const row = table.get(id);
      if (row !== undefined) remove(row);
      else holdings.deleteOf({ id, realm, username: '', active: false, attributes: {}, rev: 0, credentialRev: 0 });
    },
    deleteRealm: (realm: string) => {
      for (const row of table.by('realm', realm)) remove(row);
    },
  };
};
