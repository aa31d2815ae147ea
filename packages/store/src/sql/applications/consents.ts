import { type ConsentReader, mergedScopes, type SavedConsent } from '@assent/oidc';
import { lockedInOrder } from '../verbs/locked-in-order.ts';
import { manyRows } from '../verbs/many-rows.ts';
import { all, type ChangeVerbs, first, type ReadVerbs, run, statement } from '../verbs/verb.ts';

type Row = readonly [userId: string, clientId: string, realm: string, scopes: string];

const COLUMNS = 'user_id, client_id, realm, scopes';

const select = statement<Row>(`SELECT ${COLUMNS} FROM oauth_consent WHERE user_id = ? AND client_id = ?`);
const selectToChange = statement<Row>(
  `SELECT ${COLUMNS} FROM oauth_consent WHERE user_id = ? AND client_id = ? {lock}`,
);
const selectUser = statement<Row>(
  `SELECT ${COLUMNS} FROM oauth_consent WHERE user_id = ? AND client_id >= ? ORDER BY client_id LIMIT ?`,
);
const insert = statement(`INSERT INTO oauth_consent (${COLUMNS}) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`);
const insertMany = manyRows('oauth_consent', COLUMNS);
const setScopes = statement('UPDATE oauth_consent SET scopes = ? WHERE user_id = ? AND client_id = ?');
const drop = statement('DELETE FROM oauth_consent WHERE user_id = ? AND client_id = ?');
const dropWhere = (whose: string) =>
  statement(`DELETE FROM oauth_consent WHERE ${lockedInOrder('oauth_consent', 'user_id, client_id', whose)}`);
const dropOfClient = dropWhere('realm = ? AND client_id = ?');
const deleteUsers = dropWhere('user_id = {any}');

const consentOf = ([userId, clientId, realm, scopes]: Row): SavedConsent => ({
  realm,
  userId,
  clientId,
  scopes: JSON.parse(scopes),
});

export const consentsTopic = () => {
  return {
    reader: {
      *get(userId, clientId) {
        const row = yield* first(select, userId, clientId);
        return row === undefined ? undefined : consentOf(row);
      },
      *ofUser(userId, { from = '', limit }) {
        return (yield* all(selectUser, userId, from, limit)).map(consentOf);
      },
    } satisfies ReadVerbs<ConsentReader>,
    changes: {
      *'consent.save'({ row: { realm, userId, clientId, scopes } }) {
        // Inserted first: of two who agree at once for the first time, the second finds the row of the first, and adds to it.
        if ((yield* run(insert, userId, clientId, realm, JSON.stringify(mergedScopes([], scopes)))) === 1) return true;
        const row = yield* first(selectToChange, userId, clientId);
        const before = row === undefined ? [] : consentOf(row).scopes;
        yield* run(setScopes, JSON.stringify(mergedScopes(before, scopes)), userId, clientId);
        return true;
      },
      *'consent.drop'({ userId, clientId }) {
        yield* run(drop, userId, clientId);
        return true;
      },
      *'consent.dropOfClient'({ realm, clientId }) {
        yield* run(dropOfClient, realm, clientId);
        return true;
      },
    } satisfies ChangeVerbs<'consent.save' | 'consent.drop' | 'consent.dropOfClient'>,
    insertions: (rows: readonly SavedConsent[]) =>
      insertMany(
        rows.map(({ userId, clientId, realm, scopes }) => [
          userId,
          clientId,
          realm,
          JSON.stringify(mergedScopes([], scopes)),
        ]),
      ),
    *deleteUsers(userIds: readonly string[]) {
      return yield* run(deleteUsers, userIds);
    },
  };
};
