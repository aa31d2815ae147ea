import type { Random } from '@assent/engine';
import { type ClientOfRow, hasEndedWithClient } from '../../rules/ended-with-client.ts';
import { lockedInOrder } from '../verbs/locked-in-order.ts';
import { all, run, runEach, type Statement, statement, type Verb } from '../verbs/verb.ts';
import { readScopes } from './scopes-column.ts';

/** So many rows of a table are read by each sweep, however many of them are deleted. */
const WALKED_AT_ONCE = 500;

type GrantRow = readonly [id: string, realm: string, clientId: string, scopes: string];
type ConsentRow = readonly [userId: string, clientId: string, realm: string, scopes: string];

const selectGrants = statement<GrantRow>(
  'SELECT id, realm, client_id, scopes FROM oauth_grant WHERE id > ? ORDER BY id LIMIT ?',
);
const deleteGrants = statement(`DELETE FROM oauth_grant WHERE ${lockedInOrder('oauth_grant', 'id', 'id = {any}')}`);
const selectConsents = statement<ConsentRow>(
  `SELECT user_id, client_id, realm, scopes FROM oauth_consent WHERE (user_id, client_id) > (?, ?)
   ORDER BY user_id, client_id LIMIT ?`,
);
/** Only as it was read: the user may have agreed to another client of the id meanwhile. */
const deleteConsent = statement('DELETE FROM oauth_consent WHERE user_id = ? AND client_id = ? AND scopes = ?');

/** Clients by realm and id; undefined for one whose document cannot be opened, so that nothing is known of it. */
export interface ClientsOfRows {
  clientsOf(keys: readonly (readonly [realm: string, id: string])[]): Verb<readonly (ClientOfRow | undefined)[]>;
}

interface Walked<R> {
  readonly kind: 'grantGeneration' | 'consentGeneration';
  /** The rows after a key, in the order of their keys. */
  readonly select: Statement<R & readonly (string | number)[]>;
  readonly keyOf: (row: R) => readonly string[];
  readonly clientOf: (row: R) => readonly [realm: string, id: string];
  readonly scopesOf: (row: R) => string;
}

/**
 * Deletes what ended with its client. No index leads to it, since each login would write that: each sweep reads some rows of the table and goes on
 * from there with the next one, so that the cost of a sweep does not grow with the number of rows or of clients that are deleted. The first one
 * begins anywhere, so that a process which is restarted often reaches all rows in time.
 */
export const endedWithClientsTopic = ({ clientsOf }: ClientsOfRows, random: Pick<Random, 'uuid'>) => {
  function* pageOf<R extends readonly (string | number)[]>(
    { select, keyOf }: Walked<R>,
    after: readonly string[],
  ): Verb<readonly R[]> {
    const page = yield* all(select as Statement<R>, ...after, WALKED_AT_ONCE);
    const left = WALKED_AT_ONCE - page.length;
    if (left === 0 || after.every((part) => part === '')) return page;
    const first = yield* all(select as Statement<R>, ...after.map(() => ''), left);
    const seen = new Set(page.map((row) => keyOf(row).join(' ')));
    return [...page, ...first.filter((row) => !seen.has(keyOf(row).join(' ')))];
  }

  /** At most `limit` rows that have ended, and the key that the next walk begins after. */
  function* walk<R extends readonly (string | number)[]>(
    walked: Walked<R>,
    after: readonly string[],
    limit: number,
  ): Verb<{ readonly ended: readonly R[]; readonly next: readonly string[] }> {
    const rows = yield* pageOf(walked, after);
    // After the rows: a row of a newer generation than that of its client would be taken for one that ended.
    const keys = new Map(rows.map((row) => [walked.clientOf(row).join(' '), walked.clientOf(row)]));
    const found = yield* clientsOf([...keys.values()]);
    const clients = new Map([...keys.keys()].map((key, at) => [key, found[at]]));
    const ended = rows.filter((row) => {
      const client = clients.get(walked.clientOf(row).join(' '));
      return client !== undefined && hasEndedWithClient(walked.kind, readScopes(walked.scopesOf(row)), client);
    });
    const taken = ended.slice(0, limit);
    const last = ended.length > limit ? taken.at(-1) : rows.at(-1);
    return { ended: taken, next: last === undefined ? after : walked.keyOf(last) };
  }

  const grants: Walked<GrantRow> = {
    kind: 'grantGeneration',
    select: selectGrants,
    keyOf: ([id]) => [id],
    clientOf: ([, realm, clientId]) => [realm, clientId],
    scopesOf: ([, , , scopes]) => scopes,
  };
  const consents: Walked<ConsentRow> = {
    kind: 'consentGeneration',
    select: selectConsents,
    keyOf: ([userId, clientId]) => [userId, clientId],
    clientOf: ([, clientId, realm]) => [realm, clientId],
    scopesOf: ([, , , scopes]) => scopes,
  };
  let nextGrant: readonly string[] = [random.uuid()];
  let nextConsent: readonly string[] = [random.uuid(), ''];

  return {
    *sweepGrants(limit: number): Verb<number> {
      if (limit <= 0) return 0;
      const { ended, next } = yield* walk(grants, nextGrant, limit);
      nextGrant = next;
      if (ended.length === 0) return 0;
      return yield* run(
        deleteGrants,
        ended.map(([id]) => id),
      );
    },
    *sweepConsents(limit: number): Verb<number> {
      if (limit <= 0) return 0;
      const { ended, next } = yield* walk(consents, nextConsent, limit);
      nextConsent = next;
      // In the order of the key, which a page that goes on at the beginning is not in.
      const inOrder = ended.toSorted((a, b) => (a[0] === b[0] ? (a[1] < b[1] ? -1 : 1) : a[0] < b[0] ? -1 : 1));
      yield* runEach(
        deleteConsent,
        inOrder.map(([userId, clientId, , scopes]) => [userId, clientId, scopes]),
      );
      return ended.length;
    },
  };
};
