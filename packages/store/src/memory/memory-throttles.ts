import type { ThrottleReader, ThrottleRow } from '@assent/engine';
import type { ChangesOf } from '../store.ts';
import type { UndoLog } from './memory-table.ts';
import type { Rest } from './resting-rows.ts';
import { RestingTable } from './resting-table.ts';

const lastHit = ({ hits }: ThrottleRow): number => hits.at(-1) ?? 0;

const rest: Rest<ThrottleRow> = {
  toText: (row) => JSON.stringify(row),
  fromText: (text) => JSON.parse(text),
  isOver: ({ hits }) => hits.length === 0,
  sweptFrom: lastHit,
};

export const memoryThrottles = (undoLog: UndoLog) => {
  const table = new RestingTable<ThrottleRow>(undoLog, (row) => row.subject, {}, rest);
  return {
    reader: {
      get: async (subjects) => subjects.map((it) => table.get(it)).filter((row) => row !== undefined),
    } satisfies ThrottleReader,
    changes: {
      'throttle.put': ({ row: { subject, hits, lockedUntil, rev } }) => {
        if ((table.get(subject)?.rev ?? 0) !== rev) return false;
        table.put({ subject, hits, lockedUntil, rev: rev + 1 });
        return true;
      },
      'throttle.unlocked': ({ subject, now }) => (table.get(subject)?.lockedUntil ?? 0) <= now,
      'throttle.clear': ({ subjects }) => {
        for (const subject of subjects) {
          const row = table.get(subject);
          if (row !== undefined) table.put({ subject, hits: [], lockedUntil: 0, rev: row.rev + 1 });
        }
        return true;
      },
    } satisfies ChangesOf<'throttle.put' | 'throttle.unlocked' | 'throttle.clear'>,
    /** A user's counters: their subject names the id between colons, or ends in realm and folded name. */
    deleteUser: (userId: string, name: string) => {
      table.deleteWhere((row) => row.subject.split(':').includes(userId) || row.subject.endsWith(`:${name}`));
    },
    rest: (awake: number) => table.rest(awake),
    sweep: (now: number, idleSince: number, limit: number) =>
      table.sweep(idleSince, limit, (row) => lastHit(row) < idleSince && row.lockedUntil <= now),
  };
};
