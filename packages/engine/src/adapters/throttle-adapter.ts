import type { Clock } from '../model/clock.ts';
import {
  afterHit,
  type BrowserKnownBy,
  clearedThrottle,
  forgivenThrottle,
  type Guess,
  isDisabled,
  isLocked,
  strangerSubject,
  type Throttle,
  type ThrottlePolicy,
  type ThrottleReader,
  type ThrottleRow,
} from '../model/throttle.ts';
import type { EngineChange } from '../unit-of-work/changes.ts';
import type { Adapter, UnitOfWork } from '../unit-of-work/unit-of-work.ts';
import {
  disabledAudit,
  GUESSES_OF_DAY,
  GUESSES_OF_SOURCE,
  type IsKnownSource,
  NOBODY,
  SOURCE_POLICY,
  sourceSubject,
} from './guess-limits.ts';
import { sourceOf } from './source-of.ts';

const STRONGEST_FIRST: readonly BrowserKnownBy[] = ['factor', 'mailbox', 'password'];

type Part = keyof typeof GUESSES_OF_DAY;

/** By what something is counted: a guess also with all of the day of strangers, or of one kind of known places. */
interface Counted {
  readonly subject: string;
  readonly isKnownPlace: boolean;
  readonly day?: { readonly subject: string; readonly policy: ThrottlePolicy };
}

/** Whether the user has a second factor of a device: then a sent code, a password and a mailbox make no place known to limits of guesses. */
export type HasSecondFactor = (unit: UnitOfWork, userId: string) => Promise<boolean>;

/** In which order a browser is asked what it is known by: an attacker with the password has no use of the mailbox. */
const BROWSER_PARTS = [
  { by: 'factor', part: 'known' },
  { by: 'sentCode', part: 'known' },
  { by: 'mailbox', part: 'mailbox' },
  { by: 'password', part: 'password' },
] as const;

const partSubject = (counted: string, part: Part): string => `${counted}:${part}`;
const inPart = (counted: string, part: Part, subject: string): Counted => ({
  subject,
  isKnownPlace: true,
  day: { subject: partSubject(counted, part), policy: GUESSES_OF_DAY[part] },
});
/** Each source of strangers counts for itself, and all of them for the day; the row of all knows how many were wrong in a row (docs/adr/0139). */
const ofStrangers = (counted: string, source: string): Counted => ({
  subject: strangerSubject(counted, source),
  isKnownPlace: false,
  day: { subject: counted, policy: GUESSES_OF_DAY.strangers },
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
  (
    reader: ThrottleReader,
    clock: Clock,
    isKnownSource: IsKnownSource,
    /** Left out where what is guessed is a device of the user. */
    hasSecondFactor: HasSecondFactor = async () => true,
  ): Adapter<Throttle> =>
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
      unit.stageAlways(staged, () => {
        written.delete(row.subject);
        unit.forget(`throttle:${row.subject}`);
      });
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
    const browserOf = ({ userId, credentialRev, attributes }: Guess, by: BrowserKnownBy): string | undefined =>
      userId === undefined || credentialRev === undefined
        ? undefined
        : unit.request.browserKnownTo?.({ userId, credentialRev, attributes }, by);
    /** The browser of a guess, and in which part of the day it counts; undefined for that of a stranger. */
    const knownBrowserOf = async (
      guess: Guess,
    ): Promise<{ readonly name: string; readonly part: Part } | undefined> => {
      const { userId } = guess;
      for (const { by, part } of BROWSER_PARTS) {
        const name = browserOf(guess, by);
        if (name === undefined || userId === undefined) continue;
        if (by === 'factor') return { name, part };
        return (await hasSecondFactor(unit, userId)) ? undefined : { name, part };
      }
      return undefined;
    };
    /** Until when the source of a guess is locked for users who have not signed in from there before. */
    const sourceLockedUntil = async (guess: Guess): Promise<number> => {
      const { userId } = guess;
      const lockedUntil = (await current(sourceSubject(source())))?.lockedUntil ?? 0;
      if (lockedUntil <= clock.now() || userId === undefined) return lockedUntil;
      if ((await knownBrowserOf(guess)) !== undefined) return 0;
      return (await isKnownSource(userId, source(), 'password')) ? 0 : lockedUntil;
    };

    const isShut = (row: ThrottleRow | undefined, guess: Guess): boolean =>
      isLocked(row, clock.now()) || isDisabled(row, guess.credentialRev);
    /**
     * A known browser counts for itself: what strangers guess does not lock it, nor the other way round. So does a known address, once strangers
     * are locked out; its part of the day is not that of browsers, since others may share the address (SEC-87). Of one unit of work all guesses at a subject are counted where the first one was.
     */
    const placeOf = async (counted: string, guess: Guess | undefined): Promise<Counted> => {
      const browser = guess && (await knownBrowserOf(guess));
      if (browser !== undefined) {
        const known = inPart(counted, browser.part, `${counted}:${browser.name}`);
        await unit.holdTurn(known.subject);
        readTogether(known.subject, partSubject(counted, browser.part), counted);
        return known;
      }
      await unit.holdTurn(counted);
      if (guess === undefined) return { subject: counted, isKnownPlace: false };
      const strangers = ofStrangers(counted, source());
      readTogether(counted, strangers.subject);
      const isOpen = !isShut(await current(counted), guess) && !isShut(await current(strangers.subject), guess);
      if (isOpen) return strangers;
      // Asked for unknown names, too: the time would tell which names are those of users (SEC-59).
      const isKnown = await isKnownSource(guess.userId ?? NOBODY, source(), 'password');
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

    const stageUnlocked = ({ subject, day }: Counted): void => {
      if (day === undefined) return;
      const subjects = [subject, day.subject];
      unit.stage({ type: 'throttle.unlocked', subjects, now: clock.now() } satisfies EngineChange);
    };

    return {
      async state(counted, guess) {
        const { subject, isKnownPlace, day } = await placed(counted, guess);
        const row = await current(subject);
        const ofSource = guess === undefined ? 0 : await sourceLockedUntil(guess);
        const ofDay = day === undefined ? undefined : await current(day.subject);
        const lockedUntil = Math.max(row?.lockedUntil ?? 0, ofSource, ofDay?.lockedUntil ?? 0);
        const isAtItsEnd = [row, ofDay].some((it) => isDisabled(it, guess?.credentialRev));
        const locked = clock.now() < lockedUntil || isAtItsEnd;
        return { isKnownPlace, hits: row?.hits ?? [], locked, lockedUntil };
      },
      async hit(counted, policy, guess) {
        const { subject, isKnownPlace, day } = await placed(counted, guess);
        const now = clock.now();
        // Wrong ones in a row are counted for each known place, and for strangers together and for each source of them.
        const disabled = isKnownPlace || day === undefined ? subject : day.subject;
        const before = await current(disabled);
        const hits = [
          { subject, policy: isKnownPlace || day === undefined ? policy : GUESSES_OF_SOURCE },
          ...(day ? [day] : []),
        ];
        for (const it of hits) {
          const credential = it.subject === disabled || it.subject === subject ? guess?.credentialRev : undefined;
          put(afterHit(await current(it.subject), it.subject, it.policy, now, credential));
        }
        if (guess === undefined) return;
        if (isDisabled(await current(disabled), guess.credentialRev) && !isDisabled(before, guess.credentialRev))
          unit.stageAlways(disabledAudit(unit, now, guess.userId, counted.split(':')[0] ?? ''));
        unit.stageAlways({
          type: 'throttle.hit',
          subject: sourceSubject(source()),
          policy: SOURCE_POLICY,
          at: now,
        } satisfies EngineChange);
      },
      demandUnlocked: async (counted, guess) => stageUnlocked(await placed(counted, guess)),
      async clear(counted, guess, { evenIfLocked = false } = {}) {
        const place = await placed(counted, guess);
        const { subject } = place;
        if (!evenIfLocked) stageUnlocked(place);
        const row = await current(subject);
        if (row !== undefined && (row.hits.length > 0 || row.lockedUntil > 0 || row.failures !== undefined))
          put(clearedThrottle(row));
        if (subject === counted) return;
        // Of what strangers have guessed, no more than that it was in a row (NIST SP 800-63B-4 §3.2.2).
        const strangers = await current(counted);
        if (strangers?.failures === undefined || isDisabled(strangers, guess?.credentialRev)) return;
        if (stagedPuts().has(counted)) put(forgivenThrottle(strangers));
        else unit.stage({ type: 'throttle.forgive', subject: counted } satisfies EngineChange);
      },
      browserKnownBy: (owner) => STRONGEST_FIRST.find((by) => browserOf(owner, by) !== undefined),
      isKnownAddress: async ({ userId }) =>
        (await isKnownSource(userId ?? NOBODY, source(), 'factor')) && userId !== undefined,
      ofSource: (kind) => `${kind}:${source()}`,
    };
  };
