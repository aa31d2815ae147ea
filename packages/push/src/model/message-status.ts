import type { MessageSummary } from './messages.ts';
import type { MessageStatus } from './push-messages.ts';

/** An answer that came in time may be taken for so long after the time is up: a slow poll does not undo it. */
export const CONSUMABLE_AFTER_MILLIS = 30_000;

/** What a journey whose request was suppressed or superseded must not notice (design.md §3.3). */
const READS_PENDING = new Set(['suppressed', 'superseded']);

/**
 * The rows of a request as a page may be shown them. That another sign-in has taken its place is for the user alone: to whom
 * nobody is identified yet it looks like one that was never sent, since those for names without a phone are never replaced;
 * and nobody else hears of a dead address (SEC-59).
 */
export const rowsShownTo = (
  identifiedUser: string | undefined,
  rows: readonly MessageSummary[],
): readonly MessageSummary[] =>
  rows.map((row) => {
    if (row.userId === identifiedUser) return row;
    const { isUnreachable: _, ...shown } = row;
    return row.reason === 'superseded' ? { ...shown, reason: 'suppressed' } : shown;
  });

/** Whether no phone is rung for a request that waits, since the addresses of all of them are dead (OPS-49). */
export const isUnreachableRequest = (rows: readonly MessageSummary[]): boolean =>
  rows.length > 0 && rows.every(({ state, isUnreachable }) => state === 'pending' && isUnreachable === true);

/** What the rows of one request mean to its journey. */
export function statusOf(rows: readonly MessageSummary[], now: number): MessageStatus {
  const [first] = rows;
  if (first === undefined) return { status: 'expired' };
  const { expiresAt } = first;
  if (now < expiresAt + CONSUMABLE_AFTER_MILLIS) {
    const denied = rows.find((row) => row.state === 'denied');
    if (denied !== undefined) return { status: 'denied', reason: denied.reason ?? 'denied' };
    const approved = rows.find((row) => row.state === 'approved');
    if (approved !== undefined) {
      const { claims, expectedNumber } = approved;
      return {
        status: 'approved',
        ...(claims !== undefined && { claims }),
        ...(expectedNumber !== undefined && { number: expectedNumber }),
      };
    }
  }
  const waits = rows.some(
    (row) => row.state === 'pending' || (row.state === 'closed' && READS_PENDING.has(row.reason ?? '')),
  );
  return { status: waits && now < expiresAt ? 'pending' : 'expired' };
}
