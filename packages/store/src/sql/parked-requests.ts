import { MAX_PARKED_OF_CLIENT, type ParkedRequestReader } from '@assent/oidc';
import type { Sealer } from '../sealing/sealer.ts';
import { type ChangeVerbs, first, type ReadVerbs, run, statement } from './verb.ts';

type Row = readonly [realm: string, clientId: string, request: Uint8Array, isPushed: number, expiresAt: number];

const select = statement<Row>(
  'SELECT realm, client_id, request, is_pushed, expires_at FROM oauth_parked WHERE id_hash = ?',
);
const insert = statement(
  `INSERT INTO oauth_parked (id_hash, realm, client_id, request, is_pushed, expires_at) SELECT ?, ?, ?, ?, ?, ?
   WHERE (SELECT COUNT(*) FROM oauth_parked WHERE realm = ? AND client_id = ? AND is_pushed = ? AND expires_at > ?) < ?
   ON CONFLICT DO NOTHING`,
);
const spend = statement('DELETE FROM oauth_parked WHERE id_hash = ? AND expires_at > ?');
const deleteRealm = statement('DELETE FROM oauth_parked WHERE realm = ?');
const sweep = statement(
  'DELETE FROM oauth_parked WHERE id_hash IN (SELECT id_hash FROM oauth_parked WHERE expires_at <= ? LIMIT ?)',
);

export const parkedRequestsTopic = (sealer: Sealer) => {
  const placeOf = (idHash: string, realm: string) => ({ table: 'oauth_parked', id: idHash, realm, userId: '' });
  return {
    reader: {
      *get(idHash) {
        const row = yield* first(select, idHash);
        if (row === undefined) return undefined;
        const [realm, clientId, sealed, isPushed, expiresAt] = row;
        const request = sealer.tryOpen('journey', placeOf(idHash, realm), sealed)?.toString();
        return request === undefined
          ? undefined
          : { idHash, realm, clientId, request, isPushed: isPushed === 1, expiresAt };
      },
    } satisfies ReadVerbs<ParkedRequestReader>,
    changes: {
      *'parked.put'({ row, now }) {
        const { idHash, realm, clientId, expiresAt } = row;
        const sealed = sealer.seal('journey', placeOf(idHash, realm), row.request);
        const isPushed = row.isPushed ? 1 : 0;
        const others = [realm, clientId, isPushed, now, MAX_PARKED_OF_CLIENT];
        return (yield* run(insert, idHash, realm, clientId, sealed, isPushed, expiresAt, ...others)) === 1;
      },
      *'parked.spend'({ idHash, now }) {
        return (yield* run(spend, idHash, now)) === 1;
      },
    } satisfies ChangeVerbs<'parked.put' | 'parked.spend'>,
    *sweep(expiredBy: number, limit: number) {
      return yield* run(sweep, expiredBy, limit);
    },
    *deleteRealm(realm: string) {
      return yield* run(deleteRealm, realm);
    },
  };
};
