import type { JourneySession, JourneySessionReader } from '@assent/engine';
import type { Sealer } from '../sealer.ts';
import type { ChangesOf } from '../store.ts';
import type { Database, SqlValue } from './driver.ts';

type Row = readonly [
  realm: string,
  tree: string,
  treeVersion: number,
  nonce: string,
  expiresAt: number,
  ended: number,
  state: Uint8Array | null,
  lastNonce: string | null,
  lastDigest: string | null,
  lastAt: number | null,
];

export const sqliteJourneys = (db: Database, sealer: Sealer) => {
  const select = db.prepare<Row>(
    `SELECT realm, tree, tree_version, nonce, expires_at, ended, state, last_nonce, last_digest, last_at
     FROM journey_session WHERE id = ?`,
  );
  const insert = db.prepare(
    `INSERT INTO journey_session
       (realm, tree, tree_version, nonce, ended, state, last_nonce, last_digest, last_at, expires_at, id)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const changed = `realm = ?, tree = ?, tree_version = ?, nonce = ?, ended = ?, state = ?,
       last_nonce = ?, last_digest = ?, last_at = ?`;
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

  const placeOf = (id: string, realm: string) => ({ table: 'journey_session', id, realm, userId: '' });
  const valuesOf = (row: JourneySession): SqlValue[] => [
    row.realm,
    row.tree,
    row.treeVersion,
    row.nonce,
    row.ended ? 1 : 0,
    row.state === '' ? null : sealer.seal('journey', placeOf(row.id, row.realm), row.state),
    row.lastSubmit?.nonce ?? null,
    row.lastSubmit?.digest ?? null,
    row.lastSubmit?.at ?? null,
    row.expiresAt,
    row.id,
  ];
  const journeyOf = (id: string, row: Row): JourneySession => {
    const [realm, tree, treeVersion, nonce, expiresAt, ended, sealed, lastNonce, lastDigest, lastAt] = row;
    const state = sealed === null ? '' : sealer.open('journey', placeOf(id, realm), sealed).toString();
    const journey = { id, realm, tree, treeVersion, nonce, expiresAt, ended: ended === 1, state };
    return lastNonce === null || lastDigest === null || lastAt === null
      ? journey
      : { lastSubmit: { nonce: lastNonce, digest: lastDigest, at: lastAt }, ...journey };
  };

  return {
    reader: {
      get: async (id) => {
        const row = select.get(id);
        return row === undefined ? undefined : journeyOf(id, row);
      },
    } satisfies JourneySessionReader,
    changes: {
      'journey.insert': ({ row }) => insert.run(...valuesOf(row)) === 1,
      'journey.advance': ({ row, seenNonce }) => {
        const values = valuesOf(row);
        return advance.run(...values, seenNonce) === 1 || advanceUntil.run(...values, seenNonce) === 1;
      },
    } satisfies ChangesOf<'journey.insert' | 'journey.advance'>,
    sweep: (expiredBy: number, limit: number) => sweep.run(expiredBy, limit),
    deleteRealm: (realm: string) => deleteRealm.run(realm),
  };
};
