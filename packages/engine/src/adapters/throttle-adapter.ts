import type { Clock } from '../model/clock.ts';
import {
  afterHit,
  clearedThrottle,
  type Guess,
  isDisabled,
  type Throttle,
  type ThrottleReader,
  type ThrottleRow,
} from '../model/throttle.ts';
import type { EngineChange } from '../unit-of-work/changes.ts';
import type { Adapter } from '../unit-of-work/unit-of-work.ts';
import { disabledAudit, type IsKnownSource, SOURCE_POLICY, sourceSubject } from './guess-limits.ts';
import { sourceOf } from './source-of.ts';

/** A subject's change in this unit of work, still to be committed. */
interface StagedPut {
  row: ThrottleRow;
}

/**
 * Counters as one unit of work sees them: read inside the subject's turn, written conditionally, so that parallel guesses
 * cannot exceed a limit, neither within one instance nor across several (SEC-56).
 */
export const throttleAdapter =
  (reader: ThrottleReader, clock: Clock, isKnownSource: IsKnownSource): Adapter<Throttle> =>
  (unit) => {
    // Kept with the unit of work: one change per subject and commit, the second joins the first.
    const stagedPuts = () => unit.keep('throttle:written', () => new Map<string, StagedPut>());
    const current = async (subject: string): Promise<ThrottleRow | undefined> => {
      const own = stagedPuts().get(subject);
      if (own !== undefined) return own.row;
      const [row] = await unit.remember(`throttle:${subject}`, () => reader.get([subject]));
      return row;
    };
    const put = (row: ThrottleRow): void => {
      const written = stagedPuts();
      const own = written.get(row.subject);
      if (own !== undefined) {
        own.row = row;
        return;
      }
      const staged = { type: 'throttle.put', row } satisfies EngineChange;
      written.set(row.subject, staged);
      unit.stageAlways(staged);
    };

    const source = () => sourceOf(unit.request.clientAddress);
    /** Reads all that a guess may meet together: its own counter, that of strangers, and its source. */
    const readTogether = (...wanted: readonly string[]): void => {
      const subjects = [...new Set([...wanted, sourceSubject(source())])];
      let all: Promise<readonly ThrottleRow[]> | undefined;
      for (const subject of subjects) {
        const reading = unit.remember(`throttle:${subject}`, async () => {
          all ??= reader.get(subjects);
          return (await all).filter((row) => row.subject === subject);
        });
        // Whoever asks for the row is told of the failure; of several, only one may.
        reading.catch(() => undefined);
      }
    };
    /** Until when the source of a guess is locked for users who have not signed in from there before. */
    const sourceLockedUntil = async ({ userId }: Guess): Promise<number> => {
      const lockedUntil = (await current(sourceSubject(source())))?.lockedUntil ?? 0;
      if (lockedUntil <= clock.now() || userId === undefined) return lockedUntil;
      if (unit.request.browserKnownTo?.(userId) !== undefined) return 0;
      return (await isKnownSource(userId, source())) ? 0 : lockedUntil;
    };

    /** A browser that knows the user counts for itself: what strangers guess does not lock it, nor the other way round. */
    const placed = (subject: string, guess: Guess | undefined): string => {
      const browser = guess?.userId === undefined ? undefined : unit.request.browserKnownTo?.(guess.userId);
      return browser === undefined ? subject : `${subject}:${browser}`;
    };

    return {
      async state(counted, guess) {
        const subject = placed(counted, guess);
        await unit.holdTurn(subject);
        if (guess !== undefined) readTogether(subject, counted);
        const row = await current(subject);
        const ofSource = guess === undefined ? 0 : await sourceLockedUntil(guess);
        const lockedUntil = Math.max(row?.lockedUntil ?? 0, ofSource);
        const locked = clock.now() < lockedUntil || isDisabled(row, guess?.credentialRev);
        return { subject, hits: row?.hits ?? [], locked, lockedUntil };
      },
      async hit(counted, policy, guess) {
        const subject = placed(counted, guess);
        await unit.holdTurn(subject);
        const now = clock.now();
        const before = await current(subject);
        const after = afterHit(before, subject, policy, now, guess?.credentialRev);
        put(after);
        if (guess === undefined) return;
        if (isDisabled(after, guess.credentialRev) && !isDisabled(before, guess.credentialRev))
          unit.stageAlways(disabledAudit(unit, now, guess.userId, counted.split(':')[0] ?? ''));
        unit.stageAlways({
          type: 'throttle.hit',
          subject: sourceSubject(source()),
          policy: SOURCE_POLICY,
          at: now,
        } satisfies EngineChange);
      },
      async clear(counted, guess) {
        const subject = placed(counted, guess);
        await unit.holdTurn(subject);
        const row = await current(subject);
        if (row !== undefined && (row.hits.length > 0 || row.lockedUntil > 0 || row.failures !== undefined))
          put(clearedThrottle(row));
        if (subject === counted) return;
        // Of what strangers have guessed, no more than that it was in a row (NIST SP 800-63B-4 §3.2.2).
        const strangers = await current(counted);
        if (strangers?.failures !== undefined && !isDisabled(strangers, guess?.credentialRev))
          unit.stage({ type: 'throttle.forgive', subject: counted } satisfies EngineChange);
      },
      ofSource: (kind) => `${kind}:${source()}`,
    };
  };
