import {
  afterClaim,
  afterFailure,
  afterRevival,
  MAX_WAITING_OF_RECIPIENT,
  newOutboxRow,
  type OutboxBacklog,
  type OutboxEntry,
  type OutboxReader,
  type OutboxRow,
  type OutboxSummary,
} from '@assent/engine/host';
import type { OutboxWatch } from '../ports/outbox-watch.ts';
import type { ChangesOf } from '../ports/store.ts';
import { inTurn, type Recipient, sharesOf } from '../rules/outbox-shares.ts';
import { keyOf, MemoryTable, type UndoLog } from './tables/memory-table.ts';

const recipientOf = ({ realm, kind, recipient }: Recipient): string => keyOf(realm, kind, recipient);
const byId = (a: OutboxRow, b: OutboxRow): number => (a.id < b.id ? -1 : 1);
const byTime = (a: OutboxRow, b: OutboxRow): number => a.nextTryAt - b.nextTryAt || byId(a, b);
const summaryOf = ({ payload: _, ...row }: OutboxRow): OutboxSummary => row;

export const memoryOutbox = (undoLog: UndoLog, watch: Pick<OutboxWatch, 'note'>) => {
  const table = new MemoryTable<OutboxRow, 'recipient' | 'user'>(undoLog, (row) => row.id, {
    recipient: recipientOf,
    user: ({ userId }) => userId,
  });
  /** What is there already stays, and what there is no place for is lost. */
  const put = (entry: OutboxEntry): 'waiting' | 'lost' | 'there' => {
    const row = newOutboxRow(entry);
    const { userId = '', kind, mostOfUser } = entry;
    const hasPlace =
      table.count('recipient', recipientOf(entry)) < MAX_WAITING_OF_RECIPIENT &&
      (mostOfUser === undefined || [...table.by('user', userId)].filter((it) => it.kind === kind).length < mostOfUser);
    if (hasPlace && table.insert(row)) return 'waiting';
    return table.get(entry.id) === undefined ? 'lost' : 'there';
  };
  const putAll = (entries: readonly OutboxEntry[]): void => {
    const became = entries.map(put);
    for (const how of ['waiting', 'lost'] as const) {
      watch.note(
        entries.filter((_, at) => became[at] === how),
        how,
      );
    }
  };
  return {
    reader: {
      due: async (now, limit, perRecipient, shares) => {
        const byRecipient = new Map<string, OutboxRow[]>();
        for (const row of table.rows()) {
          if (row.deadAt !== undefined || row.nextTryAt > now) continue;
          const others = byRecipient.get(recipientOf(row));
          if (others === undefined) byRecipient.set(recipientOf(row), [row]);
          else others.push(row);
        }
        const due = [...byRecipient.values()].flatMap((rows) => rows.slice(0, 1));
        const served = sharesOf(due, limit, perRecipient, shares).map((ofRealm) =>
          inTurn(ofRealm.map((share) => byRecipient.get(recipientOf(share))?.sort(byTime).slice(0, share.count) ?? [])),
        );
        return inTurn(served).slice(0, limit);
      },
      list: async ({ isDead, kind, realm }, limit, after = '') =>
        [...table.rows()]
          .filter((row) => row.id > after && (isDead === undefined || (row.deadAt !== undefined) === isDead))
          .filter((row) => (kind === undefined || row.kind === kind) && (realm === undefined || row.realm === realm))
          .sort(byId)
          .slice(0, limit)
          .map(summaryOf),
      ofUser: async (userId, limit) => [...table.by('user', userId)].sort(byId).slice(0, limit).map(summaryOf),
      backlog: async () => {
        const found = new Map<string, OutboxBacklog>();
        for (const { kind, deadAt, firstTriedAt } of table.rows()) {
          const isDead = deadAt !== undefined;
          const key = keyOf(kind, String(isDead));
          const before = found.get(key) ?? { kind, isDead, count: 0, firstTriedAt: 0 };
          const tried = [before.firstTriedAt, firstTriedAt].filter((at) => at > 0);
          found.set(key, {
            ...before,
            count: before.count + 1,
            firstTriedAt: tried.length === 0 ? 0 : Math.min(...tried),
          });
        }
        return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
      },
      find: async (id) => {
        const row = table.get(id);
        return row && summaryOf(row);
      },
    } satisfies OutboxReader,
    changes: {
      'outbox.put': ({ entry }) => {
        putAll([entry]);
        return true;
      },
      'outbox.claim': ({ id, ...change }) => table.update(id, (row) => afterClaim(row, change)),
      'outbox.defer': ({ id, seenTries, nextTryAt, cause }) =>
        table.update(id, (row) => afterFailure(row, { seenTries, nextTryAt, cause })),
      'outbox.bury': ({ id, seenTries, at, cause }) =>
        table.update(id, (row) => afterFailure(row, { seenTries, deadAt: at, cause })),
      'outbox.revive': ({ id }) => table.update(id, afterRevival),
      'outbox.settle': ({ id }) => {
        table.delete(id);
        return true;
      },
    } satisfies ChangesOf<
      'outbox.put' | 'outbox.claim' | 'outbox.defer' | 'outbox.bury' | 'outbox.revive' | 'outbox.settle'
    >,
    putAll,
    deleteUser: (userId: string): void => table.deleteBy('user', userId),
    deleteRealm: (realm: string) => table.deleteWhere((row) => row.realm === realm),
    sweep: (deadBy: number, limit: number) =>
      table.deleteWhere(({ deadAt }) => deadAt !== undefined && deadAt <= deadBy, limit),
  };
};
