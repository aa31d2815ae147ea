import { afterHit, type EngineChange, type ThrottleRow, withoutHit } from '@assent/engine/host';
import { type Asking, dayPartSubject, momentOfSend, SEND_POLICY, sendSubject } from '../model/push-limits.ts';

/** How long after it was sent last a request may be sent once more (ux.md §2.5). */
export const REST_MILLIS = 15_000;
/** By how much the clocks of two instances may differ where an approval is too early for a resend to have come before it. */
const CLOCK_DIFFERENCE_MILLIS = 1_000;

/** Counts how often one request was sent again; this row locks nothing. */
export const resendSubject = (request: string): string => `push-resend:${request}`;
/**
 * Holds the moments at which resends of one request were charged to its caller, until they are taken back. A charge leaves this row in the commit
 * that takes it back, and the row is written on condition of its revision: no charge is taken back twice.
 */
export const resendChargesSubject = (request: string): string => `push-resend-charges:${request}`;

/** Whether a request that was counted then may have been sent again by now: only then is the row of its charges read. */
export const mayHaveResends = (countedAt: number, now: number): boolean =>
  now - countedAt >= REST_MILLIS - CLOCK_DIFFERENCE_MILLIS;

type RowOf = (subject: string) => ThrottleRow | undefined;

/** The rows in which a resend is charged at one moment: all that its caller has asked for, and the part of the day of known places. */
const chargedRowsOf = (asking: Asking): readonly string[] => [
  sendSubject(asking.userId, asking.place),
  ...(asking.place === undefined ? [] : [dayPartSubject(asking)]),
];

/** The moment of a resend: later than all that stands in the rows that it is charged in, so that it can be taken back from each alone. */
export const momentOfResend = (request: string, asking: Asking, rowOf: RowOf, now: number): number =>
  Math.max(
    ...[resendChargesSubject(request), ...chargedRowsOf(asking)].map((subject) => momentOfSend(rowOf(subject), now)),
  );

/** Notes the charge of a resend, to be taken back by its moment. */
export const notedCharge = (request: string, rowOf: RowOf, at: number): EngineChange => {
  const subject = resendChargesSubject(request);
  return { type: 'throttle.put', row: afterHit(rowOf(subject), subject, SEND_POLICY, at) };
};

/** Takes a resend back that reached no phone. */
export const takenBack = (asking: Asking, charges: ThrottleRow, at: number): readonly EngineChange[] => [
  { type: 'throttle.put', row: withoutHit(charges, at) },
  { type: 'throttle.takeBack', hits: chargedRowsOf(asking).map((subject) => ({ subject, at })) },
];
