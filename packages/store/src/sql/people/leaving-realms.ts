import { first, run, statement, type Verb } from '../verbs/verb.ts';

/** A realm that has no more rows than this is gone when its deletion stands, and its path can be used again. */
const ROWS_AT_ONCE = 500;

type Row = readonly [path: string, journeysUntil: string];

const insert = statement('INSERT INTO leaving_realm (path) VALUES (?) ON CONFLICT DO NOTHING');
const select = statement<Row>('SELECT path, journeys_until FROM leaving_realm ORDER BY path LIMIT 1 {lock}');
const selectOne = statement('SELECT 1 FROM leaving_realm WHERE path = ?');
const goOn = statement('UPDATE leaving_realm SET journeys_until = ? WHERE path = ?');
const remove = statement('DELETE FROM leaving_realm WHERE path = ?');

/** Rows of a realm: at most `limit` are removed, and how many that was is returned. */
export interface RowsOfRealm {
  deleteSome(realm: string, limit: number): Verb<number>;
}

export interface LeavingRealmOptions {
  /** Users first, with what they hold; then what no user has, by tables that find it by the realm. */
  readonly rows: readonly RowsOfRealm[];
  /** Where to go on looking for them. */
  readonly journeys: { deleteSome(realm: string, after: string): Verb<string | undefined> };
}

/**
 * Realms that are deleted and may still have rows (OPS-24). Nothing of them is found any more, and nobody can make a realm of
 * that path, so that no row of the old one is taken for one of the new.
 */
export const leavingRealmsTopic = ({ rows, journeys }: LeavingRealmOptions) => {
  /** Of one realm, as much as counts `limit`; less where nothing is left. */
  function* clear([realm, journeysUntil]: Row, limit: number): Verb<number> {
    let cleared = 0;
    for (const table of rows) {
      cleared += yield* table.deleteSome(realm, limit - cleared);
      if (cleared >= limit) return limit;
    }
    const next = yield* journeys.deleteSome(realm, journeysUntil);
    if (next !== undefined) {
      yield* run(goOn, next, realm);
      return limit;
    }
    yield* run(remove, realm);
    return cleared;
  }

  return {
    *has(realm: string): Verb<boolean> {
      return (yield* first(selectOne, realm)) !== undefined;
    },
    /** A small realm goes at once. */
    *leave(realm: string): Verb<void> {
      yield* run(insert, realm);
      yield* clear([realm, ''], ROWS_AT_ONCE);
    },
    /** What came too late to leave with an earlier realm of that path, from an instance that had not heard of it yet. */
    *clearForNew(realm: string): Verb<void> {
      for (const table of rows) {
        while ((yield* table.deleteSome(realm, ROWS_AT_ONCE)) === ROWS_AT_ONCE);
      }
    },
    *sweep(limit: number): Verb<number> {
      const leaving = limit > 0 ? yield* first(select) : undefined;
      return leaving === undefined ? 0 : yield* clear(leaving, limit);
    },
  };
};
