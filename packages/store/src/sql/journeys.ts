import { BoundedCache, bytesOfText, type JourneySession, type JourneySessionReader } from '@assent/engine/host';
import type { ChangesOf } from '../ports/store.ts';
import type { Sealer } from '../sealing/sealer.ts';
import type { DataVersion } from '../sqlite/data-version.ts';
import type { Database, SqlValue } from '../sqlite/driver.ts';

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

/** A step, and the version of the data in which it was the one that its journey waits at. */
interface OpenedStep {
  readonly journey: JourneySession;
  seenIn: number | undefined;
}

/** About what waits for a user at one time on a busy server; some 4 KiB each. They are secrets: what nobody asked for
 * between two sweeps is forgotten. */
const MAX_OPENED_BYTES = 16 * 1_024 * 1_024;

/**
 * The steps that were written or read last are kept opened: a step has one nonce and one state, so while the row has the
 * nonce, it has that state. A step is forgotten when its journey goes on from it or ends.
 */
export const sqliteJourneys = (db: Database, sealer: Sealer, version: DataVersion) => {
  const select = db.prepare<Row>(
    `SELECT realm, tree, tree_version, nonce, expires_at, ended, state, last_nonce, last_code, last_at
     FROM journey_session WHERE id = ?`,
  );
  const selectNonce = db.prepare<[nonce: string]>('SELECT nonce FROM journey_session WHERE id = ? AND ended = 0');
  const insert = db.prepare(
    `INSERT INTO journey_session
       (realm, tree, tree_version, nonce, ended, state, last_nonce, last_code, last_at, expires_at, id)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const changed = `realm = ?, tree = ?, tree_version = ?, nonce = ?, ended = ?, state = ?,
       last_nonce = ?, last_code = ?, last_at = ?`;
  // Nearly every step leaves the expiry where it is. Setting it all the same would write its index too.
  const advance = db.prepare(
    `UPDATE journey_session SET ${changed} WHERE expires_at = ? AND id = ? AND nonce = ? AND ended = 0`,
  );
  const advanceUntil = db.prepare(
    `UPDATE journey_session SET ${changed}, expires_at = ? WHERE id = ? AND nonce = ? AND ended = 0`,
  );
  const sweep = db.prepare(
    'DELETE FROM journey_session WHERE id IN (SELECT id FROM journey_session WHERE expires_at <= ? LIMIT ?)',
  );
  const deleteRealm = db.prepare('DELETE FROM journey_session WHERE realm = ?');

  const opened = new BoundedCache<OpenedStep>(MAX_OPENED_BYTES);
  const waits = ({ ended, state }: JourneySession): boolean => !ended && state !== '';
  const written = (journey: JourneySession): true => {
    if (waits(journey)) opened.put(journey.id, { journey, seenIn: version.current() }, bytesOfText(journey.state));
    else opened.forget(journey.id);
    return true;
  };
  /** One that was not seen in this version of the data is asked for. */
  const isCurrent = (step: OpenedStep): boolean => {
    const now = version.current();
    if (step.seenIn === now) return true;
    const { id, nonce } = step.journey;
    if (selectNonce.get(id)?.[0] !== nonce) return false;
    step.seenIn = now;
    return true;
  };

  const placeOf = (id: string, realm: string) => ({ table: 'journey_session', id, realm, userId: '' });
  const valuesOf = (row: JourneySession): SqlValue[] => [
    row.realm,
    row.tree,
    row.treeVersion,
    row.nonce,
    row.ended ? 1 : 0,
    row.state === '' ? null : sealer.seal('journey', placeOf(row.id, row.realm), row.state),
    row.lastSubmit?.nonce ?? null,
    row.lastSubmit?.code ?? null,
    row.lastSubmit?.at ?? null,
    row.expiresAt,
    row.id,
  ];
  const journeyOf = (id: string, row: Row): JourneySession => {
    const [realm, tree, treeVersion, nonce, expiresAt, ended, sealed, lastNonce, lastCode, lastAt] = row;
    const state = sealed === null ? '' : sealer.tryOpen('journey', placeOf(id, realm), sealed)?.toString();
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
      get: async (id) => {
        const known = opened.get(id);
        if (known !== undefined && isCurrent(known)) return known.journey;
        const seenIn = version.known();
        const row = select.get(id);
        if (row === undefined) return undefined;
        const journey = journeyOf(id, row);
        if (waits(journey)) opened.put(id, { journey, seenIn }, bytesOfText(journey.state));
        return journey;
      },
    } satisfies JourneySessionReader,
    changes: {
      'journey.insert': ({ row }) => {
        return insert.run(...valuesOf(row)) === 1 && written(row);
      },
      'journey.advance': ({ row, seenNonce }) => {
        const values = valuesOf(row);
        if (advance.run(...values, seenNonce) === 0 && advanceUntil.run(...values, seenNonce) === 0) return false;
        return written(row);
      },
    } satisfies ChangesOf<'journey.insert' | 'journey.advance'>,
    sweep: (expiredBy: number, limit: number) => {
      opened.age();
      const swept = sweep.run(expiredBy, limit);
      if (swept > 0) version.distrust();
      return swept;
    },
    deleteRealm: (realm: string) => {
      if (deleteRealm.run(realm) > 0) version.distrust();
    },
  };
};
