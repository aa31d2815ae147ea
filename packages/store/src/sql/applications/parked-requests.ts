import type { ParkedRequestReader } from '@assent/oidc';
import type { Sealer } from '../../sealing/sealer.ts';
import { REALM_IS_ON } from '../verbs/conditions.ts';
import { defineChanges, type VerbsOf } from '../verbs/define-changes.ts';
import { dueLockedInOrder, someLockedInOrder } from '../verbs/locked-in-order.ts';
import { first, type ReadVerbs, run, runEach, statement } from '../verbs/verb.ts';
import { waitingPlaces } from './waiting-places.ts';

type Row = readonly [
  realm: string,
  clientId: string,
  request: Uint8Array,
  source: string | null,
  createdAt: number,
  expiresAt: number,
];

const select = statement<Row>(
  'SELECT realm, client_id, request, source, created_at, expires_at FROM oauth_parked WHERE id_hash = ?',
);
const insert = statement(
  `INSERT INTO oauth_parked (id_hash, realm, client_id, request, source, created_at, expires_at)
   SELECT ?, ?, ?, ?, ?, ?, ? WHERE ${REALM_IS_ON} ON CONFLICT DO NOTHING`,
);
const deleteOne = statement('DELETE FROM oauth_parked WHERE id_hash = ?');
/** What a client has pushed with its proof, and what anybody can make, take no places of each other. */
const provenPlaces = waitingPlaces('oauth_parked', 'source IS NULL');
const places = waitingPlaces('oauth_parked', 'source IS NOT NULL');
const spend = statement('DELETE FROM oauth_parked WHERE id_hash = ? AND expires_at > ?');
const deleteSome = statement(
  `DELETE FROM oauth_parked WHERE ${someLockedInOrder('oauth_parked', 'id_hash', 'realm = ?')}`,
);
const sweep = statement(
  `DELETE FROM oauth_parked WHERE ${dueLockedInOrder('oauth_parked', 'id_hash', 'expires_at <= ?')}`,
);

export const placeOfParkedRequest = (idHash: string, realm: string) => ({
  table: 'oauth_parked',
  id: idHash,
  realm,
  userId: '',
});

const OF_PARKED_REQUESTS = { tables: ['oauth_parked', 'oauth_client'], freesPlainText: false } as const;

export const PARKED_REQUEST_CHANGES = defineChanges({
  'parked.put': { ...OF_PARKED_REQUESTS, creates: ({ row }) => row },
  'parked.spend': { ...OF_PARKED_REQUESTS, creates: 'nothing' },
});

export const parkedRequestsTopic = (sealer: Sealer) => {
  return {
    reader: {
      *get(idHash) {
        const row = yield* first(select, idHash);
        if (row === undefined) return undefined;
        const [realm, clientId, sealed, source, createdAt, expiresAt] = row;
        const request = sealer.tryOpen('journey', placeOfParkedRequest(idHash, realm), sealed)?.toString();
        return request === undefined
          ? undefined
          : { idHash, realm, clientId, request, ...(source !== null && { source }), createdAt, expiresAt };
      },
    } satisfies ReadVerbs<ParkedRequestReader>,
    changes: {
      *'parked.put'({ row, now }) {
        const { idHash, realm, clientId, source, createdAt, expiresAt } = row;
        const sealed = sealer.seal('journey', placeOfParkedRequest(idHash, realm), row.request);
        const out = yield* (source === undefined ? provenPlaces : places).pushedOut(row, now);
        yield* runEach(deleteOne, out);
        const values = [idHash, realm, clientId, sealed, source ?? null, createdAt, expiresAt];
        return (yield* run(insert, ...values, realm)) === 1;
      },
      *'parked.spend'({ idHash, now }) {
        return (yield* run(spend, idHash, now)) === 1;
      },
    } satisfies VerbsOf<typeof PARKED_REQUEST_CHANGES>,
    *sweep(expiredBy: number, limit: number) {
      return yield* run(sweep, expiredBy, expiredBy, limit);
    },
    *deleteSome(realm: string, limit: number) {
      return yield* run(deleteSome, realm, limit);
    },
  };
};
