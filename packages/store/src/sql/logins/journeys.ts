import { type JourneySession, type JourneySessionReader, knowsUser } from '@assent/engine/host';
import type { Sealer } from '../../sealing/sealer.ts';
import { REALM_IS_ON } from '../verbs/conditions.ts';
import { defineChanges, type VerbsOf } from '../verbs/define-changes.ts';
import { dueLockedInOrder, lockedInOrder } from '../verbs/locked-in-order.ts';
import type { CacheSize, RowCache } from '../verbs/row-cache.ts';
import { all, first, type ReadVerbs, run, type SqlValue, statement, turn, type Verb } from '../verbs/verb.ts';

type Row = readonly [
  realm: string,
  tree: string,
  treeVersion: number,
  nonce: string,
  expiresAt: number,
  ended: number,
  state: Uint8Array | null,
  lastNonce: string | null,
  lastCode: string | null,
  lastAt: number | null,
];

const changed = `realm = ?, tree = ?, tree_version = ?, nonce = ?, ended = ?, state = ?,
  last_nonce = ?, last_code = ?, last_at = ?`;
/** The state only where it is not that of the nonce at hand: a step never changes, and another step has another nonce. */
const select = statement<Row>(
  `SELECT realm, tree, tree_version, nonce, expires_at, ended, CASE WHEN nonce = ? AND ended = 0 THEN NULL ELSE state END,
     last_nonce, last_code, last_at
   FROM journey_session WHERE id = ?`,
);
const insert = statement(
  `INSERT INTO journey_session
     (realm, tree, tree_version, nonce, ended, state, last_nonce, last_code, last_at, expires_at, id)
   SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE ${REALM_IS_ON} ON CONFLICT DO NOTHING`,
);
// Nearly every step leaves the expiry where it is. Setting it all the same would write its index too.
const advance = statement(
  `UPDATE journey_session SET ${changed} WHERE expires_at = ? AND id = ? AND nonce = ? AND ended = 0 AND ${REALM_IS_ON}`,
);
const advanceUntil = statement(
  `UPDATE journey_session SET ${changed}, expires_at = ? WHERE id = ? AND nonce = ? AND ended = 0 AND ${REALM_IS_ON}`,
);
const sweep = statement<[realm: string, tree: string, ended: number]>(
  `DELETE FROM journey_session WHERE ${dueLockedInOrder('journey_session', 'id', 'expires_at <= ?')} RETURNING realm, tree, ended`,
);
const selectDueBytes = statement<[bytes: number | null]>(
  'SELECT length(state) FROM journey_session WHERE expires_at <= ? ORDER BY expires_at LIMIT ?',
);
const selectNext = statement<[id: string, realm: string, bytes: number | null]>(
  'SELECT id, realm, length(state) FROM journey_session WHERE id > ? ORDER BY id LIMIT ?',
);
const selectUnderWay = statement<[id: string, realm: string, state: Uint8Array | null]>(
  'SELECT id, realm, CASE WHEN ended = 0 AND realm = ? THEN state END FROM journey_session WHERE id > ? ORDER BY id LIMIT ?',
);
const deleteThese = statement(
  `DELETE FROM journey_session WHERE ${lockedInOrder('journey_session', 'id', 'id = {any}')}`,
);

/** So many bytes of journeys are deleted at once: an owner decides how much a journey keeps, and strangers begin them. */
const DELETED_BYTES = 16 * 1_024 * 1_024;

/** How many of them have no more bytes than are deleted at once; one, where it has more by itself. */
const deletedAtOnce = (sizes: readonly (number | null)[]): number => {
  let bytes = 0;
  const over = sizes.findIndex((size) => {
    bytes += Number(size ?? 0);
    return bytes > DELETED_BYTES;
  });
  return over < 0 ? sizes.length : Math.max(1, over);
};

/** How many journeys are looked through at once for those of a realm that goes. */
const LOOKED_THROUGH = 1_000;
/** Journeys have to be opened to find those of a user: how many are opened before it is known how large they are, and how many bytes in one turn. */
const FIRST_OPENED = 4;
const OPENED_BYTES = 512 * 1_024;

const selectNonce = statement('SELECT 1 FROM journey_session WHERE id = ? AND nonce = ?');

/** Whether the journey has got to the step of that nonce, and no further. */
export function* isJourneyAt(id: string, nonce: string): Verb<boolean> {
  return (yield* first(selectNonce, id, nonce)) !== undefined;
}

/** Journeys that wait for their next step. They are secrets of their users, as all that is sealed. */
export interface StepCaches {
  /** As they are. */
  readonly steps: RowCache<JourneySession>;
  /** As they were opened last: where the row still has the nonce it has the rest, too (OPS-27). */
  readonly openings: RowCache<JourneySession>;
}

interface SweptJourneys {
  readonly rows: number;
  readonly expired: readonly { readonly realm: string; readonly tree: string }[];
}

const BYTES_OF_CHARACTER = 2;
export const STEP_CACHE_SIZE: CacheSize<JourneySession> = {
  // About what waits for a user at one time on a busy server, some 12 KiB for each.
  maxBytes: 16 * 1_024 * 1_024,
  // Once as text, and about twice that for what the engine reads in it and keeps as long as the row is here.
  bytesOf: ({ state }) => 3 * BYTES_OF_CHARACTER * state.length,
};

export const placeOfJourney = (id: string, realm: string) => ({ table: 'journey_session', id, realm, userId: '' });

/**
 * A step of a journey writes one row by one statement. The condition of the statement says whether it is still the next step, so a second attempt
 * finds that it has written nothing.
 */
const STEP = { tables: ['journey_session'], isOneStatement: true, freesPlainText: false } as const;

export const JOURNEY_CHANGES = defineChanges({
  'journey.insert': { ...STEP, creates: ({ row }) => row },
  'journey.advance': { ...STEP, creates: ({ row }) => row },
});

export const journeysTopic = (sealer: Sealer, { steps, openings }: StepCaches) => {
  const remember = (journey: JourneySession): void => {
    const isWaiting = !journey.ended && journey.state !== '';
    for (const kept of [steps, openings]) {
      if (isWaiting) kept.set(journey.id, journey);
      else kept.delete(journey.id);
    }
  };

  const valuesOf = (row: JourneySession): SqlValue[] => [
    row.realm,
    row.tree,
    row.treeVersion,
    row.nonce,
    row.ended ? 1 : 0,
    row.state === '' ? null : sealer.seal('journey', placeOfJourney(row.id, row.realm), row.state),
    row.lastSubmit?.nonce ?? null,
    row.lastSubmit?.code ?? null,
    row.lastSubmit?.at ?? null,
    row.expiresAt,
    row.id,
  ];
  const journeyOf = (id: string, row: Row): JourneySession => {
    const [realm, tree, treeVersion, nonce, expiresAt, ended, sealed, lastNonce, lastCode, lastAt] = row;
    const state = sealed === null ? '' : sealer.tryOpen('journey', placeOfJourney(id, realm), sealed)?.toString();
    const base = { id, realm, tree, treeVersion, nonce, expiresAt };
    // It keeps its id and goes nowhere: as one that is not there it could be started once more by its first step.
    if (state === undefined) return { ...base, ended: true, state: '' };
    const journey = { ...base, ended: ended === 1, state };
    return lastNonce === null || lastCode === null || lastAt === null
      ? journey
      : { lastSubmit: { nonce: lastNonce, code: lastCode, at: lastAt }, ...journey };
  };

  return {
    reader: {
      *get(id) {
        const known = steps.get(id);
        if (known !== undefined) return known;
        const opened = openings.get(id);
        const row = yield* first(select, opened?.nonce ?? '', id);
        if (row === undefined) return undefined;
        const [, , , nonce, , ended] = row;
        if (opened?.nonce === nonce && ended === 0) return opened;
        const journey = journeyOf(id, row);
        remember(journey);
        return journey;
      },
      *ofUser(user) {
        const found: string[] = [];
        let [after, count] = ['', FIRST_OPENED];
        for (;;) {
          yield* turn();
          const rows = yield* all(selectUnderWay, user.realm, after, count);
          let bytes = 0;
          for (const [id, realm, sealed] of rows) {
            if (sealed === null) continue;
            bytes += sealed.length;
            const state = sealer.tryOpen('journey', placeOfJourney(id, realm), sealed)?.toString();
            if (state !== undefined && knowsUser(state, user)) found.push(id);
          }
          const last = rows.at(-1);
          if (last === undefined || rows.length < count) return found;
          after = last[0];
          // As many as fill a turn where the next ones are as large.
          const filling = bytes === 0 ? LOOKED_THROUGH : Math.floor((OPENED_BYTES * rows.length) / bytes);
          count = Math.max(1, Math.min(filling, 2 * count, LOOKED_THROUGH));
        }
      },
    } satisfies ReadVerbs<JourneySessionReader>,
    changes: {
      *'journey.insert'({ row }) {
        if ((yield* run(insert, ...valuesOf(row), row.realm)) === 0) return false;
        remember(row);
        return true;
      },
      *'journey.advance'({ row, seenNonce }) {
        const values = [...valuesOf(row), seenNonce, row.realm];
        if ((yield* run(advance, ...values)) === 0 && (yield* run(advanceUntil, ...values)) === 0) return false;
        remember(row);
        return true;
      },
    } satisfies VerbsOf<typeof JOURNEY_CHANGES>,
    *delete(ids: readonly string[]): Verb<void> {
      if (ids.length > 0 && (yield* run(deleteThese, ids)) > 0) steps.clear();
    },
    /** How many rows, and which of their journeys nobody had ended. */
    *sweep(expiredBy: number, limit: number): Verb<SweptJourneys> {
      const sizes = (yield* all(selectDueBytes, expiredBy, limit)).map(([bytes]) => bytes);
      const atOnce = deletedAtOnce(sizes);
      const swept = yield* all(sweep, expiredBy, expiredBy, Math.min(limit, atOnce));
      if (swept.length > 0) steps.clear();
      const expired = swept.flatMap(([realm, tree, ended]) => (ended === 0 ? { realm, tree } : []));
      // More are left where not all were deleted at once.
      return { rows: atOnce < sizes.length ? limit : swept.length, expired };
    },
    /** Looks through some, since no index has them by realm: each step of a login would write it. Where to go on, if anywhere. */
    *deleteSome(realm: string, after: string): Verb<string | undefined> {
      const next = yield* all(selectNext, after, LOOKED_THROUGH);
      const ofRealm = next.filter((row) => row[1] === realm);
      const ids = ofRealm.slice(0, deletedAtOnce(ofRealm.map(([, , bytes]) => bytes))).map(([id]) => id);
      if (ids.length > 0 && (yield* run(deleteThese, ids)) > 0) steps.clear();
      if (ids.length < ofRealm.length) return ids.at(-1);
      return next.length < LOOKED_THROUGH ? undefined : next.at(-1)?.[0];
    },
  };
};
