import type { AuditEvent, AuditReader, PlacedAuditEvent } from '@assent/engine/host';
import type { FedAuditEvent } from '../ports/audit-feed.ts';
import type { ChangesOf } from '../ports/store.ts';
import { trailIdOf } from '../sql/trail/trail-id.ts';
import type { UndoLog } from './memory-table.ts';

export const memoryAudit = (undoLog: UndoLog, keep: number) => {
  /** Append only, oldest first; the oldest go when there are a quarter more than are kept. */
  const events: AuditEvent[] = [];
  /** How many stood before the first that is kept. */
  let trimmed = 0;
  let sent: number | undefined;
  return {
    begin: (since: number): void => {
      sent ??= trimmed + events.findLastIndex(({ at }) => at < since) + 1;
    },
    unsent: (limit: number): readonly FedAuditEvent[] => {
      const from = Math.max(0, (sent ?? 0) - trimmed);
      return events.slice(from, from + limit).map((event, at) => {
        const position = trimmed + from + at + 1;
        return { ...event, id: trailIdOf(event.at, position), position, epoch: 0 };
      });
    },
    oldestUnsent: (): number | undefined => (sent === undefined ? undefined : events[Math.max(0, sent - trimmed)]?.at),
    noteSent: (position: number): void => {
      sent = Math.max(sent ?? 0, position);
    },
    reader: {
      ofUser: async (userId, limit) => {
        const found: AuditEvent[] = [];
        for (let at = events.length - 1; at >= 0 && found.length < limit; at -= 1) {
          const event = events[at];
          if (event?.userId === userId) found.push(event);
        }
        return found;
      },
      page: async (userId, { events: names, since, before = 'Infinity', limit }) => {
        const found: PlacedAuditEvent[] = [];
        for (let at = Math.min(events.length, Number(before) - trimmed) - 1; at >= 0 && found.length < limit; at -= 1) {
          const event = events[at];
          if (event?.userId !== userId || event.at < since || !names.includes(event.event)) continue;
          found.push({ ...event, place: String(trimmed + at) });
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
      'audit.erase': ({ userId }) => {
        for (const [at, event] of events.entries()) {
          if (event.userId !== userId || event.detail === undefined || event.event === 'ERASE') continue;
          const { detail: _, ...rest } = event;
          events[at] = Object.freeze(rest);
          undoLog.note(() => {
            events[at] = event;
          });
        }
        return true;
      },
    } satisfies ChangesOf<'audit.append' | 'audit.erase'>,
    trim: () => {
      if (events.length >= 1.25 * keep) trimmed += events.splice(0, events.length - keep).length;
    },
  };
};
