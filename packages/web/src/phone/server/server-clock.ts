/** The server's time, learned from the `Date` of its answers: a wrong clock of this phone changes nothing. @see REL-12 */
export interface ServerClock {
  /** Milliseconds since the epoch, as the server has it. */
  now(): number;
  /** What it is ahead of the phone's clock, in milliseconds. */
  offset(): number;
  learn(response: Pick<Response, 'headers'>): void;
}

/** `Date` has whole seconds: smaller differences are none. */
const TOLERATED_MILLIS = 2_000;

/** A clock that starts as the phone's own. */
export const createServerClock = (phoneNow: () => number): ServerClock => {
  let offset = 0;
  return {
    now: () => phoneNow() + offset,
    offset: () => offset,
    learn: ({ headers }) => {
      const date = Date.parse(headers.get('date') ?? '');
      if (Number.isNaN(date)) return;
      // The middle of the second that the header names.
      const measured = date + 500 - phoneNow();
      const next = Math.abs(measured) < TOLERATED_MILLIS ? 0 : measured;
      // Every answer differs by its way: only a real change counts, so that the time left does not jump.
      if (Math.abs(next - offset) >= TOLERATED_MILLIS) offset = next;
    },
  };
};
