import { foldUsername, type Identity } from '@assent/engine';
import { claimOf, isUserTooLarge, mergedAttributes } from '@assent/engine/host';
import type { MessageMoment } from '@assent/push';
import type { StoreChange } from '../../ports/store.ts';
import type { BroughtUser } from '../../ports/users-change.ts';
import { searchValues } from '../../rules/search-values.ts';
import { isOfLastingRealm } from '../verbs/conditions.ts';
import { defineChanges, type Locks, TABLES, type VerbsOf } from '../verbs/define-changes.ts';
import { type Filled, manyRows } from '../verbs/many-rows.ts';
import { all, first, type ReadVerbs, run, runEach, type SqlValue, statement, type Verb } from '../verbs/verb.ts';
import type { UserReader } from './look-through-turns.ts';
import { IS_WRITTEN, isReady, whatIsWritten } from './user-index.ts';
import { userPages } from './user-pages.ts';

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

const pages = userPages<Row>({ columns: COLUMNS, userOf: identityOf, charactersOf: ([, , , , text]) => text.length });

const found = (row: Row | undefined): Identity | undefined => (row === undefined ? undefined : identityOf(row));

const IS_THERE = isOfLastingRealm('identity');
const selectName = statement<Row>(`SELECT ${COLUMNS} FROM identity WHERE realm = ? AND folded = ? AND ${IS_THERE}`);
const selectId = statement<Row>(`SELECT ${COLUMNS} FROM identity WHERE id = ? AND ${IS_THERE}`);
const selectEntry = statement<Row>(`SELECT ${COLUMNS} FROM identity WHERE realm = ? AND entry_id = ? AND ${IS_THERE}`);
/** For a change that depends on what the row says. */
const selectToChange = statement<Row>(`SELECT ${COLUMNS} FROM identity WHERE id = ? {lock}`);
const selectSome = statement<Row>(
  `SELECT ${COLUMNS} FROM identity WHERE id = {once}(SELECT id FROM identity WHERE realm = ? ORDER BY folded LIMIT ?){end}
   ORDER BY id {lock}`,
);
const selectHash = statement<[hash: string | null]>('SELECT hash FROM identity WHERE id = ?');
const insert = statement(
  `INSERT INTO identity (id, realm, username, folded, active, hash, attributes, rev, indexed, entry_id, entry_mark)
   VALUES (?, ?, ?, ?, 1, ?, ?, 1, 1, ?, ?) ON CONFLICT DO NOTHING`,
);
const selectValue = statement<Row>(
  `SELECT ${COLUMNS} FROM identity WHERE id = {once}
     (SELECT user_id FROM identity_value WHERE realm = ? AND name = ? AND folded = ? LIMIT 2){end} AND ${IS_THERE}`,
);
/** Users who only claim the address come last, so that no number of them hides the user whose address it is. */
const selectAddress = statement<Row>(
  `SELECT ${COLUMNS} FROM identity WHERE id = {once}
     (SELECT user_id FROM identity_value WHERE realm = ? AND name = ? AND folded = ?){end} AND ${IS_THERE}
   ORDER BY CASE WHEN attributes LIKE ? THEN 1 ELSE 0 END LIMIT 2`,
);
const insertValue = statement(
  `INSERT INTO identity_value (user_id, realm, name, folded) SELECT ?, ?, ?, ? WHERE ${IS_WRITTEN} ON CONFLICT DO NOTHING`,
);
const insertMany = manyRows(
  'identity',
  'id, realm, username, folded, active, hash, attributes, rev, indexed, credential_rev, entry_id, entry_mark',
);
const insertManyValues = manyRows('identity_value', 'user_id, realm, name, folded');
const deleteValues = statement('DELETE FROM identity_value WHERE user_id = ? AND name = ?');
const deleteValuesOfUsers = statement('DELETE FROM identity_value WHERE user_id = {any}');
const setAttributes = statement('UPDATE identity SET attributes = ?, rev = rev + 1 WHERE id = ? AND rev = ?');
const setHash = statement('UPDATE identity SET hash = ?, credential_rev = credential_rev + 1 WHERE id = ?');
const setHashSeen = statement(
  'UPDATE identity SET hash = ?, credential_rev = credential_rev + 1 WHERE id = ? AND credential_rev = ?',
);
const replaceHash = statement('UPDATE identity SET hash = ? WHERE id = ? AND hash = ?');
const revoke = statement('UPDATE identity SET credential_rev = credential_rev + 1 WHERE id = ?');
const selectUsable = statement('SELECT 1 FROM identity WHERE id = ? AND active = 1 AND credential_rev = ? {share}');
const selectRev = statement('SELECT 1 FROM identity WHERE id = ? AND rev = ? {share}');
const enable = statement('UPDATE identity SET active = 1, rev = rev + 1 WHERE id = ?');
const disable = statement(
  'UPDATE identity SET active = 0, rev = rev + 1, credential_rev = credential_rev + 1 WHERE id = ?',
);
const rename = statement(
  `UPDATE identity SET username = ?, folded = ?, rev = rev + 1 WHERE id = ? AND NOT EXISTS
     (SELECT 1 FROM identity AS other WHERE other.realm = identity.realm AND other.folded = ? AND other.id <> identity.id)`,
);
const setEntryMark = statement(
  `UPDATE identity SET entry_mark = ?, credential_rev = credential_rev + 1 WHERE id = ? AND entry_mark = ?`,
);
const removeThese = statement('DELETE FROM identity WHERE id = {any}');

const OF_USER = {
  tables: ['identity', 'identity_value', 'user_index', 'user_index_name'],
  locks: ({ id }: { readonly id: string }) => ({ users: [id] }),
  durability: 'disk',
} as const;
/** It looks at one row, and leaves nothing. */
const CONDITION = { tables: OF_USER.tables, freesPlainText: false } as const;
/** With everything that the user holds. */
const ENDS_ACCESS = {
  ...OF_USER,
  tables: ['identity', 'session', 'oauth_grant', 'oauth_pending', 'outbox', 'push_message', 'back_channel', 'proposal'],
} as const;
const endOfAccess = (id: string): Locks => ({
  users: [id],
  endsSessions: { of: id, isMany: true },
  requestsOf: [id],
});

export const IDENTITY_CHANGES = defineChanges({
  'identity.insert': {
    tables: OF_USER.tables,
    rows: ({ realm, username }) => [['identity', `${realm} ${foldUsername(username)}`]],
    creates: 'nothing',
    durability: 'disk',
  },
  'identity.attributes': { ...OF_USER, creates: 'nothing' },
  'identity.password': { ...OF_USER, creates: 'nothing' },
  'identity.rehash': { ...OF_USER, creates: 'nothing' },
  'identity.revoke': { ...OF_USER, creates: 'nothing' },
  'identity.usable': { ...CONDITION, creates: 'nothing' },
  'identity.unchanged': { ...CONDITION, creates: 'nothing' },
  'identity.active': {
    ...ENDS_ACCESS,
    creates: 'nothing',
    locks: ({ id, active }) => (active ? { users: [id] } : endOfAccess(id)),
  },
  'identity.endAccess': { ...ENDS_ACCESS, creates: 'nothing', locks: ({ id }) => endOfAccess(id) },
  'identity.rename': { ...OF_USER, creates: 'nothing' },
  'identity.entryMark': { ...OF_USER, creates: 'nothing' },
  'identity.delete': { ...OF_USER, tables: TABLES, creates: 'nothing' },
});

/** Whether a change would make a user larger than a user may be. */
export function* makesUserTooLarge(change: StoreChange): Verb<boolean> {
  if (change.type === 'identity.insert') return isUserTooLarge(change.attributes);
  if (change.type === 'users.insert') return change.users.some(({ attributes }) => isUserTooLarge(attributes));
  if (change.type !== 'identity.attributes') return false;
  const user = found(yield* first(selectToChange, change.id));
  if (user?.rev !== change.seenRev) return false;
  return isUserTooLarge(mergedAttributes(user.attributes, change.attributes), user.attributes);
}

/** A user goes with rows of many tables, which count as this many. */
const ROWS_OF_USER = 10;

/** How users go. */
interface Going {
  /** Applications hear of it. */
  readonly isTold: boolean;
  /** Also what is over, and left to the sweep where somebody is only deleted. */
  readonly isErased?: boolean;
}

/** What other topics keep of users. */
interface Holdings {
  /** Removes all of it. */
  deleteOf(users: readonly Identity[], how: Going): Verb<unknown>;
  /** Where these users have more sessions, or more grants, than `limit`: removes so many of them, and nothing else. Tells whether they had more. */
  deleteBeyond(userIds: readonly string[], limit: number): Verb<boolean>;
  /** Ends what lets the user in. */
  endOf(userId: string, moment: MessageMoment | undefined): Verb<unknown>;
}

export const identitiesTopic = (holdings: Holdings) => {
  function* index(id: string, realm: string, attributes: Identity['attributes']): Verb<void> {
    yield* runEach(
      insertValue,
      searchValues(attributes).map(({ name, folded }) => [id, realm, name, folded, realm, realm, name]),
    );
  }
  function* deleteThese(users: readonly Identity[], how: Going): Verb<void> {
    const ids = users.map(({ id }) => id);
    yield* run(deleteValuesOfUsers, ids);
    yield* holdings.deleteOf(users, how);
    yield* run(removeThese, ids);
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
      *findByIndex(realm, attribute, value) {
        if (!(yield* isReady(realm, attribute))) return undefined;
        const claim = claimOf(attribute);
        const wanted = [realm, attribute, foldUsername(value)];
        const rows = yield* claim === undefined
          ? all(selectValue, ...wanted)
          : all(selectAddress, ...wanted, `%"${claim}":[%`);
        return rows.map(identityOf);
      },
      lookThrough: pages.lookThrough,
      page: pages.page,
      *passwordHash(id) {
        return (yield* first(selectHash, id))?.[0] ?? undefined;
      },
    } satisfies ReadVerbs<UserReader>,
    changes: {
      *'identity.insert'({ id, realm, username, hash = null, attributes, entryId = null, entryMark = '' }) {
        if (isUserTooLarge(attributes)) return false;
        const values = [id, realm, username, foldUsername(username), hash, JSON.stringify(attributes)];
        if ((yield* run(insert, ...values, entryId, entryMark)) === 0) return false;
        yield* index(id, realm, attributes);
        return true;
      },
      *'identity.attributes'({ id, seenRev, attributes }) {
        const user = found(yield* first(selectToChange, id));
        if (user?.rev !== seenRev) return false;
        const merged = mergedAttributes(user.attributes, attributes);
        if (isUserTooLarge(merged, user.attributes)) return false;
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
      *'identity.active'({ id, active, moment }) {
        if ((yield* run(active ? enable : disable, id)) === 0) return false;
        if (!active) yield* holdings.endOf(id, moment);
        return true;
      },
      *'identity.endAccess'({ id, moment }) {
        if ((yield* run(revoke, id)) === 0) return false;
        yield* holdings.endOf(id, moment);
        return true;
      },
      *'identity.rename'({ id, username }) {
        const folded = foldUsername(username);
        if ((yield* run(rename, username, folded, id, folded)) === 0) return false;
        // Whoever goes through the users by name may have been there already.
        const user = found(yield* first(selectToChange, id));
        if (user !== undefined) yield* index(id, user.realm, user.attributes);
        return true;
      },
      *'identity.entryMark'({ id, seenMark, mark }) {
        return (yield* run(setEntryMark, mark, id, seenMark)) === 1;
      },
      *'identity.delete'({ id }) {
        const user = found(yield* first(selectToChange, id));
        if (user === undefined) return false;
        yield* deleteThese([user], { isTold: true });
        return true;
      },
    } satisfies VerbsOf<typeof IDENTITY_CHANGES>,
    /** With all that is kept of the user; of one who is not there, what may be left. */
    *erase({ id, realm }: Pick<Identity, 'id' | 'realm'>): Verb<void> {
      const user = found(yield* first(selectToChange, id));
      const nobody = { id, realm, username: '', active: false, attributes: {}, rev: 0, credentialRev: 0 };
      yield* deleteThese([user ?? nobody], { isTold: true, isErased: true });
    },
    /** What makes rows of such users, and of those of their values that the index of a realm has. */
    *insertions(
      users: readonly BroughtUser[],
    ): Verb<{ readonly rows: readonly Filled[]; readonly values: readonly Filled[] }> {
      const rows = users.map((it) => [
        it.id,
        it.realm,
        it.username,
        foldUsername(it.username),
        it.active ? 1 : 0,
        it.hash ?? null,
        JSON.stringify(it.attributes),
        1,
        1,
        it.credentialRev,
        it.entryId ?? null,
        it.entryMark ?? '',
      ]);
      const values: (readonly SqlValue[])[] = [];
      for (const realm of new Set(users.map((it) => it.realm))) {
        const isWritten = yield* whatIsWritten(realm);
        for (const { id, attributes } of users.filter((it) => it.realm === realm)) {
          for (const { name, folded } of searchValues(attributes)) {
            if (isWritten(name)) values.push([id, realm, name, folded]);
          }
        }
      }
      return { rows: insertMany(rows), values: insertManyValues(values) };
    },
    /** Of a realm that goes: users, or what they hold where that is more, up to so many rows. `limit` where there may be more. */
    *deleteSome(realm: string, limit: number): Verb<number> {
      const atOnce = Math.max(1, Math.floor(limit / ROWS_OF_USER));
      const users = (yield* all(selectSome, realm, atOnce)).map(identityOf);
      if (users.length === 0) return 0;
      const ids = users.map(({ id }) => id);
      if (yield* holdings.deleteBeyond(ids, limit)) return limit;
      yield* deleteThese(users, { isTold: false });
      return users.length === atOnce ? limit : users.length * ROWS_OF_USER;
    },
  };
};
