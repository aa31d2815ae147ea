import { type RealmSettings, USUAL_INDEXED_ATTRIBUTES } from '@assent/engine';
import { searchValueCount, searchValues } from '../../rules/search-values.ts';
import { all, first, run, runEach, statement, type Verb } from '../verbs/verb.ts';

/** A commit is given up after ten seconds: by then, none is under way that goes by the list of before (OPS-09). */
const WORK_BEGINS_AFTER = 30_000;
/** An instance that is not heard of for so long is not there any more. */
const GONE_AFTER = 30_000;
/** A user has rows of several attributes, and is read and locked. */
const ROWS_OF_A_USER = 5;
/** How many users one statement reads: each may be large. */
const USERS_AT_ONCE = 10;
const VALUES_AT_ONCE = 100;
/** A batch is one transaction, and in SQLite one turn of the event loop: so many characters of attributes end it, and as many rows as a sweep has. */
const MAX_CHARACTERS_OF_BATCH = 256 * 1_024;

type RealmRow = readonly [path: string, settings: string, names: string | null];
type WorkRow = readonly [realm: string, place: string];
/** A user as far as the index has to know. */
type UserRow = readonly [id: string, attributes: string];
type PageRow = readonly [id: string, folded: string];
type Attributes = Readonly<Record<string, readonly string[]>>;
type Value = readonly [id: string, name: string, folded: string];
/** The users of a batch, and the rows that they get. */
interface Batch {
  readonly ids: readonly string[];
  readonly values: readonly Value[];
}

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
const selectPage = statement<PageRow>(
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

  /** Users of a page until the batch is full: at least one of them. A user who has gone meanwhile has no values. */
  function* read(page: readonly PageRow[], isListed: (name: string) => boolean, limit: number): Verb<Batch> {
    const ids: string[] = [];
    const values: Value[] = [];
    let [rows, characters] = [0, 0];
    const isFull = () => rows >= limit || characters >= MAX_CHARACTERS_OF_BATCH;
    for (let from = 0; from < page.length && !isFull(); from += USERS_AT_ONCE) {
      const some = page.slice(from, from + USERS_AT_ONCE).map(([id]) => id);
      // Locked, so that no commit changes what is written here of them.
      const users = new Map(yield* all(selectUsers, some));
      for (const id of some) {
        if (isFull()) break;
        const text = users.get(id) ?? '{}';
        const attributes: Attributes = JSON.parse(text);
        ids.push(id);
        for (const { name, folded } of searchValues(attributes, isListed)) values.push([id, name, folded]);
        // Values of attributes that are not listed may have rows that go now.
        rows += 1 + searchValueCount(attributes);
        characters += text.length;
      }
    }
    return { ids, values };
  }

  /** Writes values until so many rows are new; how many values that were. */
  function* write(realm: string, values: readonly Value[], limit: number): Verb<number> {
    let [rows, written] = [0, 0];
    while (written < values.length && rows < limit) {
      const some = values.slice(written, written + VALUES_AT_ONCE);
      rows += yield* runEach(
        insertValue,
        some.map(([id, name, folded]) => [id, realm, name, folded]),
      );
      written += some.length;
    }
    return written;
  }

  /** Goes on with one realm; how much that counts, of at most `limit`: all of it as long as there is more to do. */
  function* work([realm, place]: WorkRow, limit: number): Verb<number> {
    const atOnce = Math.max(1, Math.floor(limit / ROWS_OF_A_USER));
    const page = yield* all(selectPage, realm, place, atOnce);
    const listed = new Set((yield* all(selectNames, realm)).map(([name]) => name));
    const { ids, values } = yield* read(page, (name) => listed.has(name), limit);
    yield* run(deleteUnlisted, ids, realm);
    const written = yield* write(realm, values, limit);
    // The next batch begins with a user who has values left. Those that are there already cost no write.
    const unfinished = values[written]?.[0];
    const users = unfinished === undefined ? ids.length : ids.indexOf(unfinished);
    const last = page[users - 1];
    if (users < page.length || page.length === atOnce) {
      if (last !== undefined) yield* run(goOn, last[1], realm);
      return limit;
    }
    yield* run(setReady, realm);
    yield* run(end, realm);
    return Math.min(limit, ids.length + values.length);
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
