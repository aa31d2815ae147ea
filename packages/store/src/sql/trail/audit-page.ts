import type { AuditPage, AuditQuery, PlacedAuditEvent } from '@assent/engine/host';

/** The last row that a page has read. */
interface LastRead {
  readonly place: string;
  readonly at: number | undefined;
}

/** The page of what was found up to the last row that was read, which is absent where all rows of the user were. */
export const pageOfAudit = (
  events: readonly PlacedAuditEvent[],
  { since, limit }: Pick<AuditQuery, 'since' | 'limit'>,
  lastRead: LastRead | undefined,
): AuditPage => {
  const last = events.at(-1);
  if (last !== undefined && events.length >= limit) return { events, next: last.place };
  // Rows stand in the order of their times: behind one that is too old, older rows follow.
  const isOver = lastRead === undefined || Number(lastRead.at ?? 0) < since;
  return isOver ? { events } : { events, next: lastRead.place };
};
