import { pollDelayOf } from '../step/screen-of-step.ts';
import type { Step } from '../step/step.ts';
import type { JourneyClient } from './journey-client.ts';
import type { Timers } from './timers.ts';

/** Without the stream the last poll goes out so long before the request runs out; a later one would send a new request. */
const lastPollBefore = 300;
/** A stream that breaks sooner than this is no better than polling. */
const shortStream = 2_000;
/** Milliseconds until a stream is tried again, after one that could not be had. */
const streamAgainAfter = 30_000;

/** Waits for what a phone says to one step at a time: by the stream where there is one, else by polling. */
export interface PhoneWait {
  /** Nothing happens for a step that waits for nothing. `until` is when its request runs out, where that is known. */
  begin(step: Step, until: number | undefined): void;
  leave(): void;
  /** Leaves, and tries a stream again the next time whatever became of earlier ones. */
  reset(): void;
}

export const createPhoneWait = ({
  client,
  timers,
  onPoll,
  onRunOut,
  onWithdrawn,
}: {
  readonly client: Pick<JourneyClient, 'wait'>;
  readonly timers: Timers;
  /** There is news, or it is time to ask whether there is. */
  onPoll(step: Step): void;
  onRunOut(): void;
  /** Another sign-in of the user has taken the place of the request. */
  onWithdrawn(): void;
}): PhoneWait => {
  let leaveNow = (): void => {};
  /** No stream before this time: there was none to be had. */
  let streamsFrom = Number.NEGATIVE_INFINITY;
  /** The step that a stream had news of. */
  let readied: string | undefined;

  const leave = (): void => {
    leaveNow();
    leaveNow = () => {};
  };

  const begin = (step: Step, until: number | undefined): void => {
    leave();
    const delay = pollDelayOf(step);
    if (delay === undefined) return;
    const now = timers.now();
    const pause = delay * (0.9 + 0.2 * timers.chance());
    const lastPoll = (until ?? Number.POSITIVE_INFINITY) - lastPollBefore;
    if (until !== undefined && now >= until) onRunOut();
    else if (step.phone !== undefined && now >= streamsFrom) stream(step, until, now);
    else if (now < lastPoll) leaveNow = timers.after(Math.min(pause, lastPoll - now), () => onPoll(step));
    else if (until !== undefined) leaveNow = timers.after(until - now, onRunOut);
  };

  const stream = (step: Step, until: number | undefined, since: number): void => {
    const left = new AbortController();
    leaveNow = () => left.abort();
    void client.wait(step, left.signal).then((end) => {
      if (left.signal.aborted) return;
      if (end === 'expired') return onRunOut();
      if (end === 'withdrawn') return onWithdrawn();
      const isFutile = end === 'refused' || (end === 'dropped' && timers.now() - since < shortStream);
      // A step that stays although there was news would otherwise be asked for without a pause.
      const isNews = end === 'ready' || end === 'unreachable';
      if (isFutile || (isNews && step.authId === readied)) streamsFrom = timers.now() + streamAgainAfter;
      if (isNews) readied = step.authId;
      // An answer may have come while the stream was down, so the server is asked before another one is opened.
      if (end === 'refused') begin(step, until);
      else onPoll(step);
    });
  };

  return {
    begin,
    leave,
    reset: () => {
      leave();
      streamsFrom = Number.NEGATIVE_INFINITY;
    },
  };
};
