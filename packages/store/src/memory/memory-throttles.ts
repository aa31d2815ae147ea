import { afterHit, type ThrottleReader, type ThrottleRow } from '@assent/engine/host';
import type { ChangesOf } from '../ports/store.ts';
import { demandShortSubject, isCounterOf } from '../rules/throttle-subjects.ts';
import { MemoryTable, type UndoLog } from './memory-table.ts';

const lastHit = ({ hits }: ThrottleRow): number => hits.at(-1) ?? 0;

export const memoryThrottles = (undoLog: UndoLog) => {
  const table = new MemoryTable<ThrottleRow>(undoLog, (row) => row.subject, {});
  return {
    reader: {
      get: async (subjects) => subjects.map((it) => table.get(it)).filter((row) => row !== undefined),
    } satisfies ThrottleReader,
    changes: {
      'throttle.put': ({ row: { subject, hits, lockedUntil, rev } }) => {
        demandShortSubject(subject);
        if ((table.get(subject)?.rev ?? 0) !== rev) return false;
        table.put({ subject, hits, lockedUntil, rev: rev + 1 });
        return true;
      },
      'throttle.hit': ({ subject, policy, at }) => {
        demandShortSubject(subject);
        const row = table.get(subject);
        if ((row?.lockedUntil ?? 0) > at) return true;
        const after = afterHit(row, subject, policy, at);
        table.put({ ...after, rev: after.rev + 1 });
        return true;
      },
      'throttle.unlocked': ({ subjects, now }) =>
        subjects.every((subject) => (table.get(subject)?.lockedUntil ?? 0) <= now),
      'throttle.clear': ({ subjects }) => {
        for (const subject of subjects) {
          const row = table.get(subject);
          if (row !== undefined) table.put({ subject, hits: [], lockedUntil: 0, rev: row.rev + 1 });
        }
        return true;
      },
    } satisfies ChangesOf<'throttle.put' | 'throttle.hit' | 'throttle.unlocked' | 'throttle.clear'>,
    deleteUser: (userId: string, account: string) => {
      table.deleteWhere(({ subject }) => isCounterOf(subject, userId, account));
    },
    sweep: (now: number, idleSince: number, limit: number) =>
      table.deleteWhere((row) => lastHit(row) < idleSince && row.lockedUntil <= now, limit),
  };
};
