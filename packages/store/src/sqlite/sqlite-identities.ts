import { foldUsername, type Identity, type IdentityDirectory } from '@assent/engine';
import { mergedAttributes } from '../merged-attributes.ts';
import type { ChangesOf } from '../store.ts';
import type { Database } from './driver.ts';

interface Row {
  readonly id: string;
  readonly realm: string;
  readonly username: string;
  readonly active: number;
  readonly attributes: string;
  readonly rev: number;
}

const COLUMNS = 'id, realm, username, active, attributes, rev';

const identityOf = (row: Row): Identity => ({
  id: row.id,
  realm: row.realm,
  username: row.username,
  active: row.active === 1,
  attributes: JSON.parse(row.attributes),
  rev: row.rev,
});

const found = (row: Row | undefined): Identity | undefined => (row === undefined ? undefined : identityOf(row));

/** `deleteUser` removes what others keep of a user. */
export const sqliteIdentities = (db: Database, deleteUser: (user: Identity) => void) => {
  const selectName = db.prepare<Row>(`SELECT ${COLUMNS} FROM identity WHERE realm = ? AND folded = ?`);
  const selectId = db.prepare<Row>(`SELECT ${COLUMNS} FROM identity WHERE id = ?`);
  const selectRealm = db.prepare<Row>(`SELECT ${COLUMNS} FROM identity WHERE realm = ? ORDER BY username`);
  const selectHash = db.prepare<{ hash: string | null }>('SELECT hash FROM identity WHERE id = ?');
  const insert = db.prepare(
    `INSERT INTO identity (id, realm, username, folded, active, hash, attributes, rev)
     VALUES (?, ?, ?, ?, 1, ?, ?, 1) ON CONFLICT DO NOTHING`,
  );
  const setAttributes = db.prepare('UPDATE identity SET attributes = ?, rev = rev + 1 WHERE id = ? AND rev = ?');
  const setHash = db.prepare('UPDATE identity SET hash = ? WHERE id = ?');
  const replaceHash = db.prepare('UPDATE identity SET hash = ? WHERE id = ? AND hash = ?');
  const setActive = db.prepare('UPDATE identity SET active = ?, rev = rev + 1 WHERE id = ?');
  const remove = db.prepare('DELETE FROM identity WHERE id = ?');
  const deleteOne = (row: Row): boolean => {
    deleteUser(identityOf(row));
    return remove.run(row.id) === 1;
  };
  return {
    reader: {
      find: async (realm, username) => found(selectName.get(realm, foldUsername(username))),
      findById: async (id) => found(selectId.get(id)),
      list: async (realm) => selectRealm.all(realm).map(identityOf),
      passwordHash: async (id) => selectHash.get(id)?.hash ?? undefined,
    } satisfies IdentityDirectory,
    changes: {
      'identity.insert': ({ id, realm, username, hash, attributes }) =>
        insert.run(id, realm, username, foldUsername(username), hash ?? null, JSON.stringify(attributes)) === 1,
      'identity.attributes': ({ id, seenRev, attributes }) => {
        const row = selectId.get(id);
        if (row?.rev !== seenRev) return false;
        const merged = mergedAttributes(JSON.parse(row.attributes), attributes);
        return setAttributes.run(JSON.stringify(merged), id, seenRev) === 1;
      },
      'identity.password': ({ id, hash, seenHash }) =>
        (seenHash === undefined ? setHash.run(hash, id) : replaceHash.run(hash, id, seenHash)) === 1,
      'identity.active': ({ id, active }) => setActive.run(active ? 1 : 0, id) === 1,
      'identity.delete': ({ id }) => {
        const row = selectId.get(id);
        return row !== undefined && deleteOne(row);
      },
    } satisfies ChangesOf<
      'identity.insert' | 'identity.attributes' | 'identity.password' | 'identity.active' | 'identity.delete'
    >,
    deleteRealm: (realm: string) => {
      for (const row of selectRealm.all(realm)) deleteOne(row);
    },
  };
};
