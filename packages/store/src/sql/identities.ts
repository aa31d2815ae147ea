import { foldUsername, type Identity } from '@assent/engine';
import type { IdentityDirectory } from '@assent/engine/host';
import { mergedAttributes } from '../rules/merged-attributes.ts';
import { searchValues } from '../rules/search-values.ts';
import { all, type ChangeVerbs, first, type ReadVerbs, run, runEach, statement, type Verb } from './verb.ts';

type Row = readonly [
  id: string,
  realm: string,
  username: string,
  active: number,
  attributes: string,
  rev: number,
  credentialRev: number,
  entryId: string | null,
  entryMark: string,
];

const COLUMNS = 'id, realm, username, active, attributes, rev, credential_rev, entry_id, entry_mark';

const identityOf = ([
  id,
  realm,
  username,
  active,
  attributes,
  rev,
  credentialRev,
  entryId,
  entryMark,
]: Row): Identity => ({
  id,
  realm,
  username,
  active: active === 1,
  attributes: JSON.parse(attributes),
  rev,
  credentialRev,
  ...(entryId !== null && { entryId, entryMark }),
});

const found = (row: Row | undefined): Identity | undefined => (row === undefined ? undefined : identityOf(row));

const selectName = statement<Row>(`SELECT ${COLUMNS} FROM identity WHERE realm = ? AND folded = ?`);
const selectId = statement<Row>(`SELECT ${COLUMNS} FROM identity WHERE id = ?`);
const selectEntry = statement<Row>(`SELECT ${COLUMNS} FROM identity WHERE realm = ? AND entry_id = ?`);
/** For a change that depends on what the row says. */
const selectToChange = statement<Row>(`SELECT ${COLUMNS} FROM identity WHERE id = ? {lock}`);
const selectRealm = statement<Row>(`SELECT ${COLUMNS} FROM identity WHERE realm = ? ORDER BY username`);
const selectHash = statement<[hash: string | null]>('SELECT hash FROM identity WHERE id = ?');
const insert = statement(
  `INSERT INTO identity (id, realm, username, folded, active, hash, attributes, rev, indexed, entry_id, entry_mark)
   VALUES (?, ?, ?, ?, 1, ?, ?, 1, 1, ?, ?) ON CONFLICT DO NOTHING`,
);
const selectValue = statement<Row>(
  `SELECT ${COLUMNS} FROM identity WHERE id IN
     (SELECT user_id FROM identity_value WHERE realm = ? AND name = ? AND folded = ? LIMIT 2)`,
);
const insertValue = statement(
  'INSERT INTO identity_value (user_id, realm, name, folded) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
);
const deleteValues = statement('DELETE FROM identity_value WHERE user_id = ? AND name = ?');
const deleteAllValues = statement('DELETE FROM identity_value WHERE user_id = ?');
const selectUnindexed = statement<Row>(`SELECT ${COLUMNS} FROM identity WHERE indexed = 0`);
const setIndexed = statement('UPDATE identity SET indexed = 1 WHERE id = ?');
const setAttributes = statement('UPDATE identity SET attributes = ?, rev = rev + 1 WHERE id = ? AND rev = ?');
const setHash = statement('UPDATE identity SET hash = ?, credential_rev = credential_rev + 1 WHERE id = ?');
const setHashSeen = statement(
  'UPDATE identity SET hash = ?, credential_rev = credential_rev + 1 WHERE id = ? AND credential_rev = ?',
);
const replaceHash = statement('UPDATE identity SET hash = ? WHERE id = ? AND hash = ?');
const revoke = statement('UPDATE identity SET credential_rev = credential_rev + 1 WHERE id = ?');
const selectUsable = statement('SELECT 1 FROM identity WHERE id = ? AND active = 1 AND credential_rev = ? {share}');
const selectRev = statement('SELECT 1 FROM identity WHERE id = ? AND rev = ? {share}');
const setActive = statement('UPDATE identity SET active = ?, rev = rev + 1 WHERE id = ?');
const rename = statement(
  `UPDATE identity SET username = ?, folded = ?, rev = rev + 1 WHERE id = ? AND NOT EXISTS
     (SELECT 1 FROM identity AS other WHERE other.realm = identity.realm AND other.folded = ? AND other.id <> identity.id)`,
);
const setEntryMark = statement(
  `UPDATE identity SET entry_mark = ?, credential_rev = credential_rev + 1 WHERE id = ? AND entry_mark = ?`,
);
const remove = statement('DELETE FROM identity WHERE id = ?');

/** `deleteUser` removes what others keep of a user. */
export const identitiesTopic = (deleteUser: (user: Identity) => Verb<unknown>) => {
  function* index(id: string, realm: string, attributes: Identity['attributes']): Verb<void> {
    yield* runEach(
      insertValue,
      searchValues(attributes).map(({ name, folded }) => [id, realm, name, folded]),
    );
  }
  function* deleteOne(user: Identity): Verb<boolean> {
    yield* run(deleteAllValues, user.id);
    yield* deleteUser(user);
    return (yield* run(remove, user.id)) === 1;
  }
  return {
    reader: {
      *find(realm, username) {
        return found(yield* first(selectName, realm, foldUsername(username)));
      },
      *findById(id) {
        return found(yield* first(selectId, id));
      },
      *findByEntry(realm, entryId) {
        return found(yield* first(selectEntry, realm, entryId));
      },
      *findByAttribute(realm, attribute, value) {
        return (yield* all(selectValue, realm, attribute, foldUsername(value))).map(identityOf);
      },
      *list(realm) {
        return (yield* all(selectRealm, realm)).map(identityOf);
      },
      *passwordHash(id) {
        return (yield* first(selectHash, id))?.[0] ?? undefined;
      },
    } satisfies ReadVerbs<IdentityDirectory>,
    changes: {
      *'identity.insert'({ id, realm, username, hash = null, attributes, entryId = null, entryMark = '' }) {
        const values = [id, realm, username, foldUsername(username), hash, JSON.stringify(attributes)];
        if ((yield* run(insert, ...values, entryId, entryMark)) === 0) return false;
        yield* index(id, realm, attributes);
        return true;
      },
      *'identity.attributes'({ id, seenRev, attributes }) {
        const user = found(yield* first(selectToChange, id));
        if (user?.rev !== seenRev) return false;
        const merged = mergedAttributes(user.attributes, attributes);
        if ((yield* run(setAttributes, JSON.stringify(merged), id, seenRev)) === 0) return false;
        yield* runEach(
          deleteValues,
          Object.keys(attributes).map((name) => [id, name]),
        );
        yield* index(id, user.realm, attributes);
        return true;
      },
      *'identity.password'({ id, hash, seenCredentialRev: seen }) {
        const changed = seen === undefined ? run(setHash, hash, id) : run(setHashSeen, hash, id, seen);
        return (yield* changed) === 1;
      },
      *'identity.rehash'({ id, hash, seenHash }) {
        return (yield* run(replaceHash, hash, id, seenHash)) === 1;
      },
      *'identity.revoke'({ id }) {
        return (yield* run(revoke, id)) === 1;
      },
      *'identity.usable'({ id, credentialRev }) {
        return (yield* first(selectUsable, id, credentialRev)) !== undefined;
      },
      *'identity.unchanged'({ id, seenRev }) {
        return (yield* first(selectRev, id, seenRev)) !== undefined;
      },
      *'identity.active'({ id, active }) {
        return (yield* run(setActive, active ? 1 : 0, id)) === 1;
      },
      *'identity.rename'({ id, username }) {
        const folded = foldUsername(username);
        return (yield* run(rename, username, folded, id, folded)) === 1;
      },
      *'identity.entryMark'({ id, seenMark, mark }) {
        return (yield* run(setEntryMark, mark, id, seenMark)) === 1;
      },
      *'identity.delete'({ id }) {
        const user = found(yield* first(selectToChange, id));
        return user !== undefined && (yield* deleteOne(user));
      },
    } satisfies ChangeVerbs<
      | 'identity.insert'
      | 'identity.attributes'
      | 'identity.password'
      | 'identity.rehash'
      | 'identity.revoke'
      | 'identity.usable'
      | 'identity.unchanged'
      | 'identity.active'
      | 'identity.rename'
      | 'identity.entryMark'
      | 'identity.delete'
    >,
    /** Users who were stored before their values were kept apart. */
    *indexOlder() {
      for (const { id, realm, attributes } of (yield* all(selectUnindexed)).map(identityOf)) {
        yield* run(deleteAllValues, id);
        yield* index(id, realm, attributes);
        yield* run(setIndexed, id);
      }
    },
    *deleteRealm(realm: string) {
      for (const user of (yield* all(selectRealm, realm)).map(identityOf)) yield* deleteOne(user);
    },
  };
};
