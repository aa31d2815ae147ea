import {
  MAX_WAITING_OF_RECIPIENT,
  newOutboxRow,
  type OutboxEntry,
  type OutboxReader,
  type OutboxRow,
} from '@assent/engine/host';
import type { OutboxWatch } from '../ports/outbox-watch.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { all, type ChangeVerbs, first, type ReadVerbs, run, statement, type Verb } from './verb.ts';

type Row = readonly [
  id: string,
  kind: string,
  realm: string,
  recipient: string,
  payload: Uint8Array,
  tries: number,
  firstTriedAt: number,
  nextTryAt: number,
];

const COLUMNS = 'id, kind, realm, recipient, payload, tries, first_tried_at, next_try_at';

const selectDue = statement<Row>(
  `SELECT ${COLUMNS} FROM (
     SELECT ${COLUMNS}, ROW_NUMBER() OVER (PARTITION BY realm, kind, recipient ORDER BY next_try_at, id) AS place
     FROM outbox WHERE next_try_at <= ?
   ) AS waiting WHERE place <= ? ORDER BY next_try_at, id LIMIT ?`,
);
const selectId = statement('SELECT 1 FROM outbox WHERE id = ?');
const insert = statement(
  `INSERT INTO outbox (${COLUMNS}) SELECT ?, ?, ?, ?, ?, ?, ?, ?
   WHERE (SELECT COUNT(*) FROM outbox WHERE realm = ? AND kind = ? AND recipient = ?) < ? ON CONFLICT DO NOTHING`,
);
const claim = statement(
  `UPDATE outbox SET tries = tries + 1, first_tried_at = CASE WHEN tries = 0 THEN ? ELSE first_tried_at END, next_try_at = ?
   WHERE id = ? AND tries = ?`,
);
const settle = statement('DELETE FROM outbox WHERE id = ?');
const deleteRealm = statement('DELETE FROM outbox WHERE realm = ?');

export const outboxTopic = (sealer: Sealer, watch: Pick<OutboxWatch, 'note'>) => {
  const placeOf = (id: string, realm: string) => ({ table: 'outbox', id, realm, userId: '' });
  function* put(entry: OutboxEntry): Verb<boolean> {
    const { id, kind, realm, recipient, payload, tries, firstTriedAt, nextTryAt } = newOutboxRow(entry);
    const sealed = sealer.seal('outbox', placeOf(id, realm), payload);
    const row = [id, kind, realm, recipient, sealed, tries, firstTriedAt, nextTryAt];
    return (yield* run(insert, ...row, realm, kind, recipient, MAX_WAITING_OF_RECIPIENT)) === 1;
  }
  return {
    reader: {
      *due(now, limit, perRecipient) {
        const rows = yield* all(selectDue, now, perRecipient, limit);
        return rows.flatMap(
          ([id, kind, realm, recipient, sealed, tries, firstTriedAt, nextTryAt]): readonly OutboxRow[] => {
            const payload = sealer.tryOpen('outbox', placeOf(id, realm), sealed)?.toString();
            return payload === undefined
              ? []
              : [{ id, kind, realm, recipient, payload, tries, firstTriedAt, nextTryAt }];
          },
        );
      },
    } satisfies ReadVerbs<OutboxReader>,
    changes: {
      *'outbox.put'({ entry }) {
        const isPut = yield* put(entry);
        if (isPut) watch.note(entry, 'waiting');
        return isPut;
      },
      *'outbox.claim'({ id, seenTries, at, nextTryAt }) {
        return (yield* run(claim, at, nextTryAt, id, seenTries)) === 1;
      },
      *'outbox.settle'({ id }) {
        yield* run(settle, id);
        return true;
      },
    } satisfies ChangeVerbs<'outbox.put' | 'outbox.claim' | 'outbox.settle'>,
    /** Puts what no commit may fail for: what is there already stays, and what there is no place for is lost, and told of. */
    *putAll(entries: readonly OutboxEntry[]): Verb<void> {
      for (const entry of entries) {
        if (yield* put(entry)) watch.note(entry, 'waiting');
        else if ((yield* first(selectId, entry.id)) === undefined) watch.note(entry, 'lost');
      }
    },
    *deleteRealm(realm: string) {
      return yield* run(deleteRealm, realm);
    },
  };
};
