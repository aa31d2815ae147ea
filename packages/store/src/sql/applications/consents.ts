import { afterConsent, type ConsentReader, type SavedConsent } from '@assent/oidc';
import { defineChanges, type VerbsOf } from '../verbs/define-changes.ts';
import { lockedInOrder } from '../verbs/locked-in-order.ts';
import { manyRows } from '../verbs/many-rows.ts';
import { all, first, type ReadVerbs, run, statement } from '../verbs/verb.ts';
import { readScopes, writeScopes } from './scopes-column.ts';

type Row = readonly [userId: string, clientId: string, realm: string, scopes: string, agreedAt: number | null];

const COLUMNS = 'user_id, client_id, realm, scopes, agreed_at';

const select = statement<Row>(`SELECT ${COLUMNS} FROM oauth_consent WHERE user_id = ? AND client_id = ?`);
const selectToChange = statement<Row>(
  `SELECT ${COLUMNS} FROM oauth_consent WHERE user_id = ? AND client_id = ? {lock}`,
);
const selectUser = statement<Row>(
  `SELECT ${COLUMNS} FROM oauth_consent WHERE user_id = ? AND client_id >= ? ORDER BY client_id LIMIT ?`,
);
const insert = statement(`INSERT INTO oauth_consent (${COLUMNS}) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`);
const insertMany = manyRows('oauth_consent', COLUMNS);
const update = statement('UPDATE oauth_consent SET scopes = ?, agreed_at = ? WHERE user_id = ? AND client_id = ?');
const drop = statement('DELETE FROM oauth_consent WHERE user_id = ? AND client_id = ?');
const dropWhere = (whose: string) =>
  statement(`DELETE FROM oauth_consent WHERE ${lockedInOrder('oauth_consent', 'user_id, client_id', whose)}`);
const deleteUsers = dropWhere('user_id = {any}');

const consentOf = ([userId, clientId, realm, scopes, agreedAt]: Row): SavedConsent => ({
  realm,
  userId,
  clientId,
  ...readScopes(scopes),
  ...(agreedAt !== null && { agreedAt }),
});

/** What a consent that is added to another one changes of its row. */
const changedOf = (row: SavedConsent) => [writeScopes(row), row.agreedAt ?? null] as const;

const valuesOf = (row: SavedConsent) =>
  [row.userId, row.clientId, row.realm, ...changedOf(afterConsent(undefined, row))] as const;

const OF_CONSENTS = { tables: ['oauth_consent'] } as const;

export const CONSENT_CHANGES = defineChanges({
  'consent.save': { ...OF_CONSENTS, creates: 'nothing' },
  // Consent that the user took back must not return after a power failure.
  'consent.drop': { ...OF_CONSENTS, creates: 'nothing', durability: 'disk' },
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
      *'consent.save'({ row }) {
        const { userId, clientId } = row;
        // Inserted first: of two who agree at once for the first time, the second finds the row of the first, and adds to it.
        if ((yield* run(insert, ...valuesOf(row))) === 1) return true;
        const before = yield* first(selectToChange, userId, clientId);
        yield* run(update, ...changedOf(afterConsent(before && consentOf(before), row)), userId, clientId);
        return true;
      },
      *'consent.drop'({ userId, clientId }) {
        yield* run(drop, userId, clientId);
        return true;
      },
    } satisfies VerbsOf<typeof CONSENT_CHANGES>,
    insertions: (rows: readonly SavedConsent[]) => insertMany(rows.map(valuesOf)),
    *deleteUsers(userIds: readonly string[]) {
      return yield* run(deleteUsers, userIds);
    },
  };
};
