import { isCrowded, pushedOutBy, type Waiting } from '@assent/oidc';
import { all, first, statement, type Verb } from '../verbs/verb.ts';

interface WaitingForClient extends Waiting {
  readonly realm: string;
  readonly clientId: string;
}

type Place = readonly [idHash: string, source: string | null, createdAt: number];

const lockClient = statement('SELECT 1 FROM oauth_client WHERE realm = ? AND id = ? {lock}');

/** The places of clients in a table: which rows are a kind of their own, a condition without values says. */
export const waitingPlaces = (table: string, isOfKind: string) => {
  const ofClient = `FROM ${table} WHERE realm = ? AND client_id = ? AND ${isOfKind} AND expires_at > ?`;
  const count = statement<[all: number, ofSource: number | null]>(
    `SELECT COUNT(*), SUM(CASE WHEN source = ? THEN 1 ELSE 0 END) ${ofClient}`,
  );
  const select = statement<Place>(`SELECT id_hash, source, created_at ${ofClient}`);
  return {
    /** The ids of those that lose their place to one more. All are read only where somebody has to. */
    *pushedOut({ realm, clientId, source }: WaitingForClient, now: number): Verb<readonly (readonly [string])[]> {
      const counted = yield* first(count, source ?? null, realm, clientId, now);
      if (!isCrowded(counted?.[0] ?? 0, counted?.[1] ?? 0)) return [];
      // One at a time: who came at the same moment has pushed somebody out, too, and is seen by the next.
      yield* first(lockClient, realm, clientId);
      const others = (yield* all(select, realm, clientId, now)).map(
        ([idHash, from, createdAt]): Waiting => ({ idHash, ...(from !== null && { source: from }), createdAt }),
      );
      return pushedOutBy(source, others).map((idHash) => [idHash]);
    },
  };
};
