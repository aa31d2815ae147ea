import type { JourneySession, JourneySessionReader } from '@assent/engine';
import type { Sealer } from '../sealer.ts';
import type { ChangesOf } from '../store.ts';
import type { Database, SqlValue } from './driver.ts';

interface Row {
  readonly realm: string;
  readonly tree: string;
  readonly tree_version: number;
  readonly nonce: string;
  readonly expires_at: number;
  readonly ended: number;
  readonly state: Uint8Array | null;
  readonly last_nonce: string | null;
  readonly last_digest: string | null;
  readonly last_at: number | null;
}

export const sqliteJourneys = (db: Database, sealer: Sealer) => {
  const select = db.prepare<Row>(
    `SELECT realm, tree, tree_version, nonce, expires_at, ended, state, last_nonce, last_digest, last_at
     FROM journey_session WHERE id = ?`,
  );
  const insert = db.prepare(
    `INSERT INTO journey_session
       (realm, tree, tree_version, nonce, expires_at, ended, state, last_nonce, last_digest, last_at, id)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const advance = db.prepare(
    `UPDATE journey_session SET realm = ?, tree = ?, tree_version = ?, nonce = ?, expires_at = ?, ended = ?, state = ?,
       last_nonce = ?, last_digest = ?, last_at = ?
     WHERE id = ? AND nonce = ? AND ended = 0`,
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
    row.expiresAt,
    row.ended ? 1 : 0,
    row.state === '' ? null : sealer.seal('journey', placeOf(row.id, row.realm), row.state),
    row.lastSubmit?.nonce ?? null,
    row.lastSubmit?.digest ?? null,
    row.lastSubmit?.at ?? null,
    row.id,
  ];
  const journeyOf = (id: string, row: Row): JourneySession => ({
    id,
    realm: row.realm,
    tree: row.tree,
    treeVersion: row.tree_version,
    nonce: row.nonce,
    expiresAt: row.expires_at,
    ended: row.ended === 1,
    state: row.state === null ? '' : sealer.open('journey', placeOf(id, row.realm), row.state).toString(),
    ...(row.last_nonce === null || row.last_digest === null || row.last_at === null
      ? {}
      : { lastSubmit: { nonce: row.last_nonce, digest: row.last_digest, at: row.last_at } }),
  });

  return {
    reader: {
      get: async (id) => {
        const row = select.get(id);
        return row === undefined ? undefined : journeyOf(id, row);
      },
    } satisfies JourneySessionReader,
    changes: {
      'journey.insert': ({ row }) => insert.run(...valuesOf(row)) === 1,
      'journey.advance': ({ row, seenNonce }) => advance.run(...valuesOf(row), seenNonce) === 1,
    } satisfies ChangesOf<'journey.insert' | 'journey.advance'>,
    sweep: (expiredBy: number, limit: number) => sweep.run(expiredBy, limit),
    deleteRealm: (realm: string) => deleteRealm.run(realm),
  };
};
