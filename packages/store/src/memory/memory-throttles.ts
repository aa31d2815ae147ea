import type { ThrottleReader, ThrottleRow } from '@assent/engine';
import type { ChangesOf } from '../store.ts';
import { MemoryTable, type UndoLog } from './memory-table.ts';

export const memoryThrottles = (undoLog: UndoLog) => {
  const table = new MemoryTable<ThrottleRow>(undoLog, (row) => row.subject, {});
  return {
    reader: {
      get: async (subjects) => subjects.map((it) => table.get(it)).filter((row) => row !== undefined),
    } satisfies ThrottleReader,
    changes: {
      'throttle.put': ({ row }) => {
        if ((table.get(row.subject)?.rev ?? 0) !== row.rev) return false;
        table.put({ ...row, rev: row.rev + 1 });
        return true;
      },
      'throttle.unlocked': ({ subject, now }) => (table.get(subject)?.lockedUntil ?? 0) <= now,
    } satisfies ChangesOf<'throttle.put' | 'throttle.unlocked'>,
    /** A user's counters: their subject names the id between colons, or ends in realm and folded name. */
    deleteUser: (userId: string, name: string) => {
      table.deleteWhere((row) => row.subject.split(':').includes(userId) || row.subject.endsWith(`:${name}`));
    },
    sweep: (now: number, idleSince: number, limit: number) =>
      table.deleteWhere((row) => (row.hits.at(-1) ?? 0) < idleSince && row.lockedUntil <= now, limit),
  };
};
