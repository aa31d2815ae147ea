import { type Change, knownBy, placeProof } from '@assent/engine/host';
import { watchedStore } from '@assent/store/testing/watched';
import {
  type AskedFrom,
  type Asking,
  afterRefusal,
  clearedBySuccess,
  heldUntil,
  phoneSubject,
  type Refusal,
  refusalSubject,
  sendSubject,
  subjectsOf,
} from '../../model/push-limits.ts';
import { countedSend } from '../../requests/push-counters.ts';

const USER = 'user-1';
const PHONES = [phoneSubject('phone-1')];

/** One account under the limits of the server, at a time that the simulation moves: what is stored and decided is what the server does. */
export const simulatedAccount = (begin: number) => {
  const store = watchedStore();
  const throttles = store.reader('throttles');
  let now = begin;
  const rowsOf = async (asking: Asking) => {
    const rows = new Map((await throttles.get(subjectsOf(asking))).map((row) => [row.subject, row]));
    return (subject: string) => rows.get(subject);
  };
  const askingOf = (source: string, place?: string): Asking => ({ userId: USER, source, place, phones: PHONES });
  const commit = async (changes: readonly Change[]): Promise<void> => {
    if (!(await store.committer.commit(changes)).committed) throw new Error('Nobody else commits here.');
  };

  return {
    now: () => now,
    moveTo(time: number): void {
      now = Math.max(now, time);
    },
    /** Until when a request of that place is held back; now where it is not. */
    async heldUntil(source: string, place?: string): Promise<number> {
      const asking = askingOf(source, place);
      return heldUntil(asking, await rowsOf(asking), now);
    },
    /** Asks the phone; undefined where nothing is sent. */
    async ask(source: string, place?: string): Promise<AskedFrom | undefined> {
      const asking = askingOf(source, place);
      const rowOf = await rowsOf(asking);
      if (heldUntil(asking, rowOf, now) > now) return undefined;
      const { changes, askedFrom } = countedSend(asking, rowOf, now);
      await commit(changes);
      return askedFrom;
    },
    async refuse({ place }: AskedFrom, kind: Refusal): Promise<void> {
      const subjects = [
        ...new Set([refusalSubject(USER, place), ...(kind === 'not me' ? [refusalSubject(USER)] : [])]),
      ];
      const rows = await throttles.get(subjects);
      await commit(
        subjects.map((subject) => ({
          type: 'throttle.put',
          row: afterRefusal(
            rows.find((row) => row.subject === subject),
            subject,
            kind,
            now,
          ).row,
        })),
      );
    },
    approve: ({ place, countedAt = 0 }: AskedFrom): Promise<void> =>
      commit([
        place === undefined
          ? { type: 'throttle.takeBack', hits: [{ subject: sendSubject(USER), at: countedAt }] }
          : { type: 'throttle.clear', subjects: clearedBySuccess({ userId: USER, place }) },
      ]),
  };
};

type SimulatedAccount = ReturnType<typeof simulatedAccount>;

/** When an attacker asks next, and from where; attackers know all that the server knows. */
export interface Attack {
  /** Where the `n`th request comes from. */
  source(n: number): string;
  /** The browser of it, in which the attacker has signed in by the password before; the same stranger's where absent. */
  browser?(n: number): string;
  /** Not before that. */
  next(account: SimulatedAccount, refusals: readonly number[], sent: readonly number[]): number;
}

const ONE_ADDRESS = () => '198.51.100.1';
const atOnce = (account: SimulatedAccount): number => account.now();
const HOUR = 3_600_000;
/** Shorter than the time that any limit of a known browser lasts. */
const STEP = HOUR / 4;

/** How attackers ask, from the plainest on. */
export const ATTACKS = {
  /** As soon as something is sent. */
  burst: { source: ONE_ADDRESS, next: atOnce },
  /** As many as a day allows, one after the other. */
  steady: { source: ONE_ADDRESS, next: (account, _, sent) => (sent.at(-1) ?? account.now() - 1.2 * HOUR) + 1.2 * HOUR },
  /** As soon as something is sent, each time from another address. */
  'many sources': { source: (n) => `203.0.113.${n % 256}`, next: atOnce },
  /** As soon as something is sent, each time in another browser in which the password was shown before. */
  'many browsers': { source: (n) => `203.0.113.${n % 256}`, browser: (n) => `browser-${n}`, next: atOnce },
  /** Only when another refusal would lock nothing: two of a day are forgotten. */
  'waits out locks': {
    source: ONE_ADDRESS,
    next: (account, refusals) =>
      Math.max(
        (refusals.at(-1) ?? Number.NEGATIVE_INFINITY) + HOUR,
        (refusals.at(-2) ?? Number.NEGATIVE_INFINITY) + 24 * HOUR,
        account.now(),
      ),
  },
} as const satisfies Readonly<Record<string, Attack>>;

/** By what a browser is known to the limits of requests in which nothing but the password was shown: by the rule of the server. */
const placeByPassword = (browser: string | undefined): string | undefined => {
  const proof = placeProof([{ method: 'password' }]);
  return proof !== undefined && knownBy(proof) === 'factor' ? browser : undefined;
};

/** What the owner does with a request of somebody else, drawn anew each time. */
export type Reaction = 'approve' | 'ignore' | Refusal;

/** Attacks an account for a while; the number of requests that its phone got until one was approved, and whether one was. */
export const attack = async (
  account: SimulatedAccount,
  { source, browser, next }: Attack,
  periodMillis: number,
  react: () => Reaction,
): Promise<{ readonly requests: number; readonly succeeded: boolean }> => {
  const end = account.now() + periodMillis;
  const sent: number[] = [];
  const refusals: number[] = [];
  for (;;) {
    account.moveTo(Math.min(end, next(account, refusals, sent)));
    const from = source(sent.length);
    const place = placeByPassword(browser?.(sent.length));
    account.moveTo(Math.min(end, await account.heldUntil(from, place)));
    if (account.now() >= end) return { requests: sent.length, succeeded: false };
    const asked = await account.ask(from, place);
    if (asked === undefined) throw new Error('The server holds back what it says that it sends.');
    sent.push(account.now());
    const reaction = react();
    if (reaction === 'approve') return { requests: sent.length, succeeded: true };
    if (reaction === 'ignore') continue;
    await account.refuse(asked, reaction);
    refusals.push(account.now());
  }
};

/** A place that asks, as the server names it: by a browser, or else by the address. */
interface SimulatedPlace {
  readonly source: string;
  readonly place: string;
}

/** How many requests so many places bring within a period that ask as often as something is sent, to an owner who ignores all. */
const askFromPlaces = async (
  account: SimulatedAccount,
  places: readonly SimulatedPlace[],
  periodMillis: number,
): Promise<number> => {
  const end = account.now() + periodMillis;
  let requests = 0;
  for (; account.now() < end; account.moveTo(account.now() + STEP)) {
    for (const { source, place } of places) {
      if ((await account.ask(source, place)) !== undefined) requests += 1;
    }
  }
  return requests;
};

/** How many requests an attacker gets through within a period who has the cookies of so many known browsers. */
export const askFromStolenBrowsers = (account: SimulatedAccount, browsers: number, periodMillis: number) =>
  askFromPlaces(
    account,
    Array.from({ length: browsers }, (_, n) => ({ source: ONE_ADDRESS(), place: `stolen-${n}` })),
    periodMillis,
  );

/** How many an attacker gets through at so many addresses that are known to be the owner's, once strangers are held back. */
export const askFromKnownAddresses = (account: SimulatedAccount, addresses: number, periodMillis: number) =>
  askFromPlaces(
    account,
    Array.from({ length: addresses }, (_, n) => ({ source: `192.0.2.${n}`, place: `192.0.2.${n}` })),
    periodMillis,
  );
