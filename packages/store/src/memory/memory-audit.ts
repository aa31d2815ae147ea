import type { AuditEvent, AuditReader } from '@assent/engine';
import type { ChangesOf } from '../store.ts';
import type { UndoLog } from './memory-table.ts';

export const memoryAudit = (undoLog: UndoLog, keep: number) => {
  /** Append only, oldest first; the oldest half goes when there are twice as many as are kept. */
  const events: AuditEvent[] = [];
  return {
    reader: {
      ofUser: async (userId, limit) => {
        const found: AuditEvent[] = [];
        for (let at = events.length - 1; at >= 0 && found.length < limit; at -= 1) {
          const event = events[at];
          if (event?.userId === userId) found.push(event);
        }
        return found;
      },
    } satisfies AuditReader,
    changes: {
      'audit.append': ({ event }) => {
        events.push(Object.freeze(event));
        undoLog.note(() => events.pop());
        return true;
      },
    } satisfies ChangesOf<'audit.append'>,
    trim: () => {
      if (events.length >= 2 * keep) events.splice(0, events.length - keep);
    },
  };
};
