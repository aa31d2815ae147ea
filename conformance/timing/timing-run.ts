import { Random } from '../faults/random.ts';
import { type Separation, separation } from './auc.ts';
import { type TimedWorld, timedWorld } from './timed-world.ts';

/** How far from a half an answer may be: nobody learns from one by its time (I7, A133). */
const TOLERANCE = 0.02;
/** Wrong passwords at one account, of the twenty that are free for strangers in a day. */
const GUESSES_AT_ACCOUNT = 15;
/** Requests to the phones of one user, of those that are sent within a minute. */
const REQUESTS_OF_USER = 3;
/** What a cold server takes longer for is in no sample. */
const WARM_UP = 200;

export interface Compared extends Separation {
  readonly pair: string;
  readonly n: number;
  /** Medians, in microseconds. */
  readonly medians: readonly [number, number];
  readonly passes: boolean;
}

interface Pair {
  readonly pair: string;
  readonly kinds: readonly [string, string];
  readonly ask: (name: string) => Promise<{ readonly micros: number }>;
  /** How many names of each kind there are; each is asked for equally often. */
  readonly names: number;
}

const shuffled = <T>(items: readonly T[], random: Random): readonly T[] => {
  const all = [...items];
  for (let at = all.length - 1; at > 0; at -= 1) {
    const other = random.below(at + 1);
    [all[at], all[other]] = [all[other] as T, all[at] as T];
  }
  return all;
};

const medianOf = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** One at a time and in an order that a seed gives, so that whatever else the machine does, it does to both. */
const compare = async (world: TimedWorld, { pair, kinds, ask, names }: Pair, n: number, seed: number) => {
  const random = new Random(seed);
  const asked = kinds.flatMap((kind, of) =>
    Array.from({ length: n }, (_, at) => ({ of, name: world.nameOf(kind, at % names) })),
  );
  const samples: readonly [number[], number[]] = [[], []];
  for (const { of, name } of shuffled(asked, random)) samples[of as 0 | 1].push((await ask(name)).micros);
  const found = separation(...samples);
  const medians = [medianOf(samples[0]), medianOf(samples[1])] as const;
  return { pair, n, ...found, medians, passes: Math.abs(found.auc - 0.5) <= TOLERANCE } satisfies Compared;
};

/** Compares what a stranger must not tell apart, and tells of each pair as it is done. */
export const runTiming = async (
  { n, seed, only }: { readonly n: number; readonly seed: number; readonly only?: string | undefined },
  onCompared: (compared: Compared) => void,
): Promise<readonly Compared[]> => {
  const world = await timedWorld();
  const all: Compared[] = [];
  const accounts = Math.ceil(n / GUESSES_AT_ACCOUNT);
  const phones = Math.ceil(n / REQUESTS_OF_USER);
  const wants = (part: string) => only === undefined || part.includes(only);
  const take = async (pair: Pair): Promise<void> => {
    const compared = await compare(world, pair, n, seed);
    all.push(compared);
    onCompared(compared);
  };
  try {
    const ask = (name: string) => world.guessedPassword(name);
    if (wants('password')) {
      for (const kind of ['knwn', 'lckd']) await world.addUsers(kind, accounts);
      await world.addUsers('inac', accounts, 'Inactive');
      for (let at = 0; at < WARM_UP; at += 1) await ask(world.nameOf('warm', at));
      await take({ pair: 'wrong password: known, unknown', kinds: ['knwn', 'unkn'], ask, names: accounts });
      await take({ pair: 'wrong password: disabled, unknown', kinds: ['inac', 'nobo'], ask, names: accounts });
      const locked = Array.from({ length: accounts }, (_, at) => at);
      await world.lock([
        ...locked.map((at) => world.nameOf('lckd', at)),
        ...locked.map((at) => world.nameOf('lnob', at)),
      ]);
      for (let at = 0; at < WARM_UP; at += 1) await ask(world.nameOf('warm', at));
      await take({ pair: 'wrong password: locked, unknown and locked', kinds: ['lckd', 'lnob'], ask, names: accounts });
      await take({ pair: 'wrong password: locked, unknown', kinds: ['lckd', 'nobd'], ask, names: accounts });
    }
    if (wants('phone')) {
      const askPhone = (name: string) => world.askedPhone(name);
      for (const kind of ['phon', 'none']) await world.addUsers(kind, phones);
      await world.addPhones('phon', phones);
      for (let at = 0; at < WARM_UP; at += 1) await askPhone(world.nameOf('warm', at));
      await take({ pair: 'name first: phone, unknown', kinds: ['phon', 'nobp'], ask: askPhone, names: phones });
      await take({ pair: 'name first: no phone, unknown', kinds: ['none', 'nobq'], ask: askPhone, names: phones });
    }
    return all;
  } finally {
    await world.close();
  }
};
