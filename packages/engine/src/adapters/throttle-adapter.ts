import type { Clock } from '../model/clock.ts';
import {
  afterHit,
  type BrowserKnownBy,
  clearedThrottle,
  type Guess,
  isDisabled,
  isLocked,
  type Throttle,
  type ThrottlePolicy,
  type ThrottleReader,
  type ThrottleRow,
} from '../model/throttle.ts';
import type { EngineChange } from '../unit-of-work/changes.ts';
import type { Adapter } from '../unit-of-work/unit-of-work.ts';
import {
  disabledAudit,
  GUESSES_OF_DAY,
  type IsKnownSource,
  NOBODY,
  SOURCE_POLICY,
  sourceSubject,
} from './guess-limits.ts';
import { sourceOf } from './source-of.ts';

const STRONGEST_FIRST: readonly BrowserKnownBy[] = ['factor', 'mailbox', 'password'];

type Part = keyof typeof GUESSES_OF_DAY;

/** By what something is counted: a guess also with all of the day of strangers, of known addresses, or of known browsers. */
interface Counted {
  readonly subject: string;
  readonly day?: { readonly subject: string; readonly policy: ThrottlePolicy };
}

const partSubject = (counted: string, part: Part): string => `${counted}:${part}`;
const inPart = (counted: string, part: Part, subject: string): Counted => ({
  subject,
  day: { subject: partSubject(counted, part), policy: GUESSES_OF_DAY[part] },
});

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
    const browserOf = ({ userId, credentialRev }: Guess, by: BrowserKnownBy = 'factor'): string | undefined =>
      userId === undefined || credentialRev === undefined
        ? undefined
        : unit.request.browserKnownTo?.(userId, credentialRev, by);
    /** Until when the source of a guess is locked for users who have not signed in from there before. */
    const sourceLockedUntil = async (guess: Guess): Promise<number> => {
      const { userId } = guess;
      const lockedUntil = (await current(sourceSubject(source())))?.lockedUntil ?? 0;
      if (lockedUntil <= clock.now() || userId === undefined) return lockedUntil;
      if (browserOf(guess) !== undefined) return 0;
      return (await isKnownSource(userId, source(), 'factor')) ? 0 : lockedUntil;
    };

    const isShut = (row: ThrottleRow | undefined, guess: Guess): boolean =>
      isLocked(row, clock.now()) || isDisabled(row, guess.credentialRev);
    /**
     * A known browser counts for itself: what strangers guess does not lock it, nor the other way round. So does a known address, once strangers
     * are locked out; its part of the day is not that of browsers, since others may share the address (SEC-87). Of one unit of work all guesses at a subject are counted where the first one was.
     */
    const placeOf = async (counted: string, guess: Guess | undefined): Promise<Counted> => {
      const browser = guess && browserOf(guess);
      if (browser !== undefined) {
        const known = inPart(counted, 'known', `${counted}:${browser}`);
        await unit.holdTurn(known.subject);
        readTogether(known.subject, partSubject(counted, 'known'), counted);
        return known;
      }
      await unit.holdTurn(counted);
      if (guess === undefined) return { subject: counted };
      const strangers = inPart(counted, 'strangers', counted);
      readTogether(counted, partSubject(counted, 'strangers'));
      const isOpen =
        !isShut(await current(counted), guess) && !isShut(await current(partSubject(counted, 'strangers')), guess);
      if (isOpen) return strangers;
      // Asked for unknown names, too: the time would tell which names are those of users (SEC-59).
      const isKnown = await isKnownSource(guess.userId ?? NOBODY, source(), 'factor');
      if (!isKnown || guess.userId === undefined) return strangers;
      const known = inPart(counted, 'addresses', `${counted}:${source()}`);
      await unit.holdTurn(known.subject);
      return known;
    };
    const counts = unit.keep('throttle:places', () => new Map<string, Promise<Counted>>());
    const placed = (counted: string, guess: Guess | undefined): Promise<Counted> => {
      const key = `${guess?.userId ?? ''} ${counted}`;
      const known = counts.get(key) ?? placeOf(counted, guess);
      counts.set(key, known);
      return known;
    };

    return {
      async state(counted, guess) {
        const { subject, day } = await placed(counted, guess);
        const row = await current(subject);
        const ofSource = guess === undefined ? 0 : await sourceLockedUntil(guess);
        const ofDay = day === undefined ? 0 : ((await current(day.subject))?.lockedUntil ?? 0);
        const lockedUntil = Math.max(row?.lockedUntil ?? 0, ofSource, ofDay);
        const locked = clock.now() < lockedUntil || isDisabled(row, guess?.credentialRev);
        return { isKnownPlace: subject !== counted, hits: row?.hits ?? [], locked, lockedUntil };
      },
      async hit(counted, policy, guess) {
        const { subject, day } = await placed(counted, guess);
        const now = clock.now();
        const before = await current(subject);
        const after = afterHit(before, subject, policy, now, guess?.credentialRev);
        put(after);
        if (day !== undefined) put(afterHit(await current(day.subject), day.subject, day.policy, now));
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
      async clear(counted, guess, { evenIfLocked = false } = {}) {
        const { subject, day } = await placed(counted, guess);
        if (day !== undefined && !evenIfLocked) {
          const subjects = [subject, day.subject];
          unit.stage({ type: 'throttle.unlocked', subjects, now: clock.now() } satisfies EngineChange);
        }
        const row = await current(subject);
        if (row !== undefined && (row.hits.length > 0 || row.lockedUntil > 0 || row.failures !== undefined))
          put(clearedThrottle(row));
        if (subject === counted) return;
        // Of what strangers have guessed, no more than that it was in a row (NIST SP 800-63B-4 §3.2.2).
        const strangers = await current(counted);
        if (strangers?.failures !== undefined && !isDisabled(strangers, guess?.credentialRev))
          unit.stage({ type: 'throttle.forgive', subject: counted } satisfies EngineChange);
      },
      browserKnownBy: (owner) => STRONGEST_FIRST.find((by) => browserOf(owner, by) !== undefined),
      isKnownAddress: async ({ userId }) =>
        (await isKnownSource(userId ?? NOBODY, source(), 'factor')) && userId !== undefined,
      ofSource: (kind) => `${kind}:${source()}`,
    };
  };
