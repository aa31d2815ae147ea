import { foldUsername, type Identity } from '@assent/engine';
import { BoundedCache, bytesOfText, type IdentityDirectory } from '@assent/engine/host';
import type { ChangesOf } from '../ports/store.ts';
import { mergedAttributes } from '../rules/merged-attributes.ts';
import { searchValues } from '../rules/search-values.ts';
import type { DataVersion } from '../sqlite/data-version.ts';
import type { Database } from '../sqlite/driver.ts';

type Row = readonly [
  id: string,
  realm: string,
  username: string,
  active: number,
  attributes: string,
  rev: number,
  credentialRev: number,
];

const COLUMNS = 'id, realm, username, active, attributes, rev, credential_rev';

const identityOf = ([id, realm, username, active, attributes, rev, credentialRev]: Row): Identity => ({
  id,
  realm,
  username,
  active: active === 1,
  attributes: JSON.parse(attributes),
  rev,
  credentialRev,
});

const found = (row: Row | undefined): Identity | undefined => (row === undefined ? undefined : identityOf(row));

/** Whoever signs in is looked up at the password and again at the end. */
const MAX_REMEMBERED_BYTES = 8 * 1_024 * 1_024;

/** Attributes are what a user may have many of, and large ones. */
const bytesOf = ({ attributes }: Identity): number => {
  let bytes = 1_024;
  for (const values of Object.values(attributes)) for (const value of values) bytes += bytesOfText(value);
  return bytes;
};

/** `deleteUser` removes what others keep of a user. */
export const sqliteIdentities = (db: Database, version: DataVersion, deleteUser: (user: Identity) => void) => {
  const selectName = db.prepare<Row>(`SELECT ${COLUMNS} FROM identity WHERE realm = ? AND folded = ?`);
  const selectId = db.prepare<Row>(`SELECT ${COLUMNS} FROM identity WHERE id = ?`);
  const selectRealm = db.prepare<Row>(`SELECT ${COLUMNS} FROM identity WHERE realm = ? ORDER BY username`);
  const selectHash = db.prepare<[hash: string | null]>('SELECT hash FROM identity WHERE id = ?');
  const insert = db.prepare(
    `INSERT INTO identity (id, realm, username, folded, active, hash, attributes, rev, indexed)
     VALUES (?, ?, ?, ?, 1, ?, ?, 1, 1) ON CONFLICT DO NOTHING`,
  );
  const selectValue = db.prepare<Row>(
    `SELECT ${COLUMNS} FROM identity WHERE id IN
       (SELECT user_id FROM identity_value WHERE realm = ? AND name = ? AND folded = ? LIMIT 2)`,
  );
  const insertValue = db.prepare(
    'INSERT INTO identity_value (user_id, realm, name, folded) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const deleteValues = db.prepare('DELETE FROM identity_value WHERE user_id = ? AND name = ?');
  const deleteAllValues = db.prepare('DELETE FROM identity_value WHERE user_id = ?');
  const selectUnindexed = db.prepare<Row>(`SELECT ${COLUMNS} FROM identity WHERE indexed = 0`);
  const setIndexed = db.prepare('UPDATE identity SET indexed = 1 WHERE id = ?');
  const setAttributes = db.prepare('UPDATE identity SET attributes = ?, rev = rev + 1 WHERE id = ? AND rev = ?');
  const setHash = db.prepare('UPDATE identity SET hash = ?, credential_rev = credential_rev + 1 WHERE id = ?');
  const setHashSeen = db.prepare(
    'UPDATE identity SET hash = ?, credential_rev = credential_rev + 1 WHERE id = ? AND credential_rev = ?',
  );
  const replaceHash = db.prepare('UPDATE identity SET hash = ? WHERE id = ? AND hash = ?');
  const revoke = db.prepare('UPDATE identity SET credential_rev = credential_rev + 1 WHERE id = ?');
  const selectUsable = db.prepare('SELECT 1 FROM identity WHERE id = ? AND active = 1 AND credential_rev = ?');
  const selectRev = db.prepare('SELECT 1 FROM identity WHERE id = ? AND rev = ?');
  const setActive = db.prepare('UPDATE identity SET active = ?, rev = rev + 1 WHERE id = ?');
  const remove = db.prepare('DELETE FROM identity WHERE id = ?');
  const index = (id: string, realm: string, attributes: Identity['attributes']): void => {
    for (const { name, folded } of searchValues(attributes)) insertValue.run(id, realm, name, folded);
  };
  const remembered = new BoundedCache<{ readonly user: Identity; readonly seenIn: number }>(MAX_REMEMBERED_BYTES);
  const find = (realm: string, folded: string): Identity | undefined => {
    const seenIn = version.current();
    const key = `${realm}\0${folded}`;
    const known = remembered.get(key);
    if (known?.seenIn === seenIn) return known.user;
    const user = found(selectName.get(realm, folded));
    if (user !== undefined) remembered.put(key, { user, seenIn }, bytesOf(user));
    return user;
  };
  /** Users change so rarely that nothing is gained by telling which. */
  const changing =
    <C>(change: (given: C) => boolean) =>
    (given: C): boolean => {
      remembered.forgetAll();
      return change(given);
    };
  const deleteOne = (user: Identity): boolean => {
    deleteAllValues.run(user.id);
    deleteUser(user);
    return remove.run(user.id) === 1;
  };
  return {
    reader: {
      find: async (realm, username) => find(realm, foldUsername(username)),
      findById: async (id) => found(selectId.get(id)),
      findByAttribute: async (realm, attribute, value) =>
        selectValue.all(realm, attribute, foldUsername(value)).map(identityOf),
      list: async (realm) => selectRealm.all(realm).map(identityOf),
      passwordHash: async (id) => selectHash.get(id)?.[0] ?? undefined,
    } satisfies IdentityDirectory,
    changes: {
      'identity.insert': ({ id, realm, username, hash, attributes }) => {
        const values = [id, realm, username, foldUsername(username), hash ?? null, JSON.stringify(attributes)];
        if (insert.run(...values) === 0) return false;
        index(id, realm, attributes);
        return true;
      },
      'identity.attributes': changing(({ id, seenRev, attributes }) => {
        const user = found(selectId.get(id));
        if (user?.rev !== seenRev) return false;
        const merged = mergedAttributes(user.attributes, attributes);
        if (setAttributes.run(JSON.stringify(merged), id, seenRev) === 0) return false;
        for (const name of Object.keys(attributes)) deleteValues.run(id, name);
        index(id, user.realm, attributes);
        return true;
      }),
      'identity.password': changing(
        ({ id, hash, seenCredentialRev: seen }) =>
          (seen === undefined ? setHash.run(hash, id) : setHashSeen.run(hash, id, seen)) === 1,
      ),
      'identity.rehash': ({ id, hash, seenHash }) => replaceHash.run(hash, id, seenHash) === 1,
      'identity.revoke': changing(({ id }) => revoke.run(id) === 1),
      'identity.usable': ({ id, credentialRev }) => selectUsable.get(id, credentialRev) !== undefined,
      'identity.unchanged': ({ id, seenRev }) => selectRev.get(id, seenRev) !== undefined,
      'identity.active': changing(({ id, active }) => setActive.run(active ? 1 : 0, id) === 1),
      'identity.delete': changing(({ id }) => {
        const user = found(selectId.get(id));
        return user !== undefined && deleteOne(user);
      }),
    } satisfies ChangesOf<
      | 'identity.insert'
      | 'identity.attributes'
      | 'identity.password'
      | 'identity.rehash'
      | 'identity.revoke'
      | 'identity.usable'
      | 'identity.unchanged'
      | 'identity.active'
      | 'identity.delete'
    >,
    /** Users who were stored before their values were kept apart. */
    indexOlder: () => {
      for (const { id, realm, attributes } of selectUnindexed.all().map(identityOf)) {
        deleteAllValues.run(id);
        index(id, realm, attributes);
        setIndexed.run(id);
      }
    },
    age: () => remembered.age(),
    deleteRealm: (realm: string) => {
      remembered.forgetAll();
      for (const user of selectRealm.all(realm).map(identityOf)) deleteOne(user);
    },
  };
};
