import { type RealmSettings, USUAL_INDEXED_ATTRIBUTES } from '@assent/engine';
import { searchValues } from '../../rules/search-values.ts';
import { all, first, run, runEach, statement, type Verb } from '../verbs/verb.ts';

/** A commit is given up after ten seconds: by then, none is under way that goes by the list of before (OPS-09). */
const WORK_BEGINS_AFTER = 30_000;
/** An instance that is not heard of for so long is not there any more. */
const GONE_AFTER = 30_000;
/** A user has rows of several attributes, and is read and locked. */
const ROWS_OF_A_USER = 5;

type RealmRow = readonly [path: string, settings: string, names: string | null];
type WorkRow = readonly [realm: string, place: string];
/** A user as far as the index has to know. */
type UserRow = readonly [id: string, attributes: string];

/** Whether a value of that attribute is written, in the realm: given the realm, the realm and the name. */
export const IS_WRITTEN = `(NOT EXISTS (SELECT 1 FROM user_index WHERE user_index.realm = ?)
   OR EXISTS (SELECT 1 FROM user_index_name AS listed WHERE listed.realm = ? AND listed.name = ?))`;

const selectRealms = statement<RealmRow>(
  'SELECT realm.path, realm.settings, user_index.names FROM realm LEFT JOIN user_index ON user_index.realm = realm.path',
);
const selectOthers = statement(
  `SELECT 1 FROM instance WHERE seen_at > ? AND version <> (SELECT version FROM instance WHERE process_id = ?) LIMIT 1`,
);
const selectReady = statement<[isReady: number | null]>(
  `SELECT listed.is_ready FROM user_index LEFT JOIN user_index_name AS listed
   ON listed.realm = user_index.realm AND listed.name = ? WHERE user_index.realm = ?`,
);
/** Whether users are found by the attribute, all of them. */
export function* isReady(realm: string, attribute: string): Verb<boolean> {
  const row = yield* first(selectReady, attribute, realm);
  return row === undefined || row[0] === 1;
}
const selectListed = statement<[name: string | null]>(
  `SELECT listed.name FROM user_index LEFT JOIN user_index_name AS listed ON listed.realm = user_index.realm
   WHERE user_index.realm = ?`,
);
/** Tells of an attribute whether its values are written, as {@link IS_WRITTEN} does. */
export function* whatIsWritten(realm: string): Verb<(name: string) => boolean> {
  const rows = yield* all(selectListed, realm);
  const listed = new Set(rows.map(([name]) => name));
  return (name) => rows.length === 0 || listed.has(name);
}
const selectNames = statement<[name: string]>('SELECT name FROM user_index_name WHERE realm = ?');
const upsert = statement(
  `INSERT INTO user_index (realm, names, work_from, place) VALUES (?, ?, ?, '')
   ON CONFLICT (realm) DO UPDATE SET names = excluded.names, work_from = excluded.work_from, place = ''`,
);
const insertName = statement(
  'INSERT INTO user_index_name (realm, name, is_ready) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
);
const deleteName = statement('DELETE FROM user_index_name WHERE realm = ? AND name = ?');
const deleteNames = statement('DELETE FROM user_index_name WHERE realm = ?');
const deleteRealm = statement('DELETE FROM user_index WHERE realm = ?');
const selectWork = statement<WorkRow>(
  'SELECT realm, place FROM user_index WHERE work_from <= ? ORDER BY realm LIMIT 1 {lock}',
);
const selectPage = statement<[id: string, folded: string]>(
  'SELECT id, folded FROM identity WHERE realm = ? AND folded > ? ORDER BY folded LIMIT ?',
);
const selectUsers = statement<UserRow>('SELECT id, attributes FROM identity WHERE id = {any} ORDER BY id {lock}');
const deleteUnlisted = statement(
  `DELETE FROM identity_value WHERE user_id = {any}
   AND NOT EXISTS (SELECT 1 FROM user_index_name AS listed WHERE listed.realm = ? AND listed.name = identity_value.name)`,
);
const insertValue = statement(
  'INSERT INTO identity_value (user_id, realm, name, folded) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
);
const goOn = statement('UPDATE user_index SET place = ? WHERE realm = ?');
const end = statement(`UPDATE user_index SET work_from = NULL, place = '' WHERE realm = ?`);
const setReady = statement('UPDATE user_index_name SET is_ready = 1 WHERE realm = ?');

/**
 * By which attributes users of a realm are found (OPS-24): what the settings of the realm list. Another list holds for whatever is written from when it
 * is noticed; those who are there are gone through afterwards, in batches, and until then nobody looks by what is new in it.
 */
export const userIndexTopic = () => {
  /** Where nothing was noticed yet, values of all attributes are there already. */
  function* notice(realm: string, names: readonly string[], isNew: boolean, workFrom: number): Verb<void> {
    const before = (yield* all(selectNames, realm)).map(([name]) => name);
    yield* runEach(
      deleteName,
      before.filter((name) => !names.includes(name)).map((name) => [realm, name]),
    );
    yield* runEach(
      insertName,
      names.map((name) => [realm, name, isNew ? 1 : 0]),
    );
    yield* run(upsert, realm, JSON.stringify(names), workFrom);
  }

  function* noticeAll(now: number): Verb<void> {
    for (const [path, settings, noticed] of yield* all(selectRealms)) {
      const { indexedAttributes = USUAL_INDEXED_ATTRIBUTES } = JSON.parse(settings) as Partial<RealmSettings>;
      const names = [...new Set(indexedAttributes)].sort();
      if (JSON.stringify(names) !== noticed) yield* notice(path, names, noticed === null, now + WORK_BEGINS_AFTER);
    }
  }

  /** Goes on with one realm; how much that counts, of at most `limit`. */
  function* work([realm, place]: WorkRow, limit: number): Verb<number> {
    const atOnce = Math.max(1, Math.floor(limit / ROWS_OF_A_USER));
    const page = yield* all(selectPage, realm, place, atOnce);
    const ids = page.map(([id]) => id);
    const listed = new Set((yield* all(selectNames, realm)).map(([name]) => name));
    // Locked, so that nobody changes what is written here of them.
    const users = yield* all(selectUsers, ids);
    yield* run(deleteUnlisted, ids, realm);
    yield* runEach(
      insertValue,
      users.flatMap(([id, attributes]) =>
        searchValues(JSON.parse(attributes))
          .filter(({ name }) => listed.has(name))
          .map(({ name, folded }) => [id, realm, name, folded]),
      ),
    );
    const last = page.at(-1);
    if (page.length === atOnce && last !== undefined) {
      yield* run(goOn, last[1], realm);
      return limit;
    }
    yield* run(setReady, realm);
    yield* run(end, realm);
    return page.length * ROWS_OF_A_USER;
  }

  return {
    *deleteRealm(realm: string): Verb<void> {
      yield* run(deleteNames, realm);
      yield* run(deleteRealm, realm);
    },
    /** An instance of another version may look by what is not written any more: as long as there is one, all stays as it is. */
    *sweep(now: number, limit: number, holder: string | undefined): Verb<number> {
      if (limit <= 0) return 0;
      if (holder !== undefined && (yield* first(selectOthers, now - GONE_AFTER, holder)) !== undefined) return 0;
      yield* noticeAll(now);
      const due = yield* first(selectWork, now);
      return due === undefined ? 0 : yield* work(due, limit);
    },
  };
};
