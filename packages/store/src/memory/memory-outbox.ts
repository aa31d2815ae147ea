import {
  afterClaim,
  MAX_WAITING_OF_RECIPIENT,
  newOutboxRow,
  type OutboxEntry,
  type OutboxReader,
  type OutboxRow,
} from '@assent/engine/host';
import type { OutboxWatch } from '../ports/outbox-watch.ts';
import type { ChangesOf } from '../ports/store.ts';
import { keyOf, MemoryTable, type UndoLog } from './memory-table.ts';

const recipientOf = ({ realm, kind, recipient }: OutboxEntry): string => keyOf(realm, kind, recipient);

export const memoryOutbox = (undoLog: UndoLog, watch: Pick<OutboxWatch, 'note'>) => {
  const table = new MemoryTable<OutboxRow, 'recipient'>(undoLog, (row) => row.id, { recipient: recipientOf });
  const put = (entry: OutboxEntry): boolean =>
    table.count('recipient', recipientOf(entry)) < MAX_WAITING_OF_RECIPIENT && table.insert(newOutboxRow(entry));
  return {
    reader: {
      due: async (now, limit, perRecipient) => {
        const places = new Map<string, number>();
        return [...table.rows()]
          .filter(({ nextTryAt }) => nextTryAt <= now)
          .sort((a, b) => a.nextTryAt - b.nextTryAt || (a.id < b.id ? -1 : 1))
          .filter((row) => {
            const place = (places.get(recipientOf(row)) ?? 0) + 1;
            places.set(recipientOf(row), place);
            return place <= perRecipient;
          })
          .slice(0, limit);
      },
    } satisfies OutboxReader,
    changes: {
      'outbox.put': ({ entry }) => {
        const isPut = put(entry);
        if (isPut) watch.note(entry, 'waiting');
        return isPut;
      },
      'outbox.claim': ({ id, ...change }) => table.update(id, (row) => afterClaim(row, change)),
      'outbox.settle': ({ id }) => {
        table.delete(id);
        return true;
      },
    } satisfies ChangesOf<'outbox.put' | 'outbox.claim' | 'outbox.settle'>,
    /** Puts what no commit may fail for: what is there already stays, and what there is no place for is lost, and told of. */
    putAll: (entries: readonly OutboxEntry[]): void => {
      for (const entry of entries) {
        if (put(entry)) watch.note(entry, 'waiting');
        else if (table.get(entry.id) === undefined) watch.note(entry, 'lost');
      }
    },
    deleteRealm: (realm: string) => table.deleteWhere((row) => row.realm === realm),
  };
};
