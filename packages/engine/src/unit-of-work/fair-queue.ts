import { JourneyError } from '../model/errors.ts';

/** For whom a task runs. */
export interface Lane {
  /** Tenants take turns. */
  readonly realm: string;
  /** Callers of one realm take turns, too, such as the addresses that passwords come from. */
  readonly caller?: string;
}

/** Runs `action` once after so many milliseconds; the result cancels it. */
export type Timer = (millis: number, action: () => void) => () => void;

export interface FairQueueOptions {
  /** How many tasks run at once. */
  readonly concurrency: number;
  /** How many of them may belong to one realm; all where absent. */
  readonly concurrencyOfRealm?: number;
  /** How many tasks wait at most. */
  readonly most: number;
  /** How many of them may belong to one realm; all where absent. */
  readonly mostOfRealm?: number;
  /** A task that has not begun after so long is refused. */
  readonly deadlineMillis: number;
  readonly timer: Timer;
}

/** `full`: another task has taken its place. `late`: the deadline is over. */
type Beginning = 'begun' | 'full' | 'late';

interface Waiting {
  readonly isKnown: boolean;
  readonly settle: (beginning: Beginning) => void;
}

/** The tasks of one realm that wait: no list in it is empty, and the first caller is the next to be served. */
interface RealmLine {
  readonly callers: Map<string, Waiting[]>;
  waiting: number;
}

/** Runs a task, or refuses it before it has begun. `isKnown` is asked only where the task has no place otherwise. */
export type FairQueue = <T>(lane: Lane, task: () => Promise<T>, isKnown?: () => Promise<boolean>) => Promise<T>;

/** The newest task of the longest list; of lists with one task each, the last stranger's. */
const callerToGiveUp = ({ callers }: RealmLine): string | undefined => {
  let longest: { caller: string; length: number } | undefined;
  let stranger: string | undefined;
  for (const [caller, tasks] of callers) {
    if (longest === undefined || tasks.length > longest.length) longest = { caller, length: tasks.length };
    if (tasks.at(-1)?.isKnown === false) stranger = caller;
  }
  return longest !== undefined && longest.length > 1 ? longest.caller : (stranger ?? longest?.caller);
};

/** The tasks that wait, and who is next. */
class WaitingLines {
  readonly #most: number;
  readonly #mostOfRealm: number;
  /** No line in it is empty. */
  readonly #realms = new Map<string, RealmLine>();
  /**
   * The realms that have begun a task in this round. A round ends when every realm that waits has had its turn, so that a realm that asks for one task
   * after the other waits for one task of each other realm and not for two.
   */
  readonly #served = new Set<string>();
  #waiting = 0;

  constructor({ most, mostOfRealm = most }: Pick<FairQueueOptions, 'most' | 'mostOfRealm'>) {
    this.#most = most;
    this.#mostOfRealm = mostOfRealm;
  }

  add({ realm, caller = '' }: Lane, task: Waiting): void {
    const line = this.#realms.get(realm) ?? { callers: new Map<string, Waiting[]>(), waiting: 0 };
    const tasks = line.callers.get(caller) ?? [];
    tasks.push(task);
    line.callers.set(caller, tasks);
    line.waiting += 1;
    this.#realms.set(realm, line);
    this.#waiting += 1;
  }

  /** Whether one more of the lane has a place, which another task may have to give up. */
  makePlaceFor({ realm, caller = '' }: Lane, isKnown: boolean): boolean {
    const own = this.#realms.get(realm);
    const ofRealm = own?.waiting ?? 0;
    if (ofRealm < this.#mostOfRealm) {
      if (this.#waiting < this.#most) return true;
      const longest = this.#longestRealm();
      if (longest !== undefined && longest[1].waiting > ofRealm + 1) {
        const gives = callerToGiveUp(longest[1]);
        if (gives !== undefined) return this.#giveUpNewest(longest[0], gives);
      }
    }
    const gives = own === undefined ? undefined : this.#callerThatGivesTo(caller, own, isKnown);
    return gives !== undefined && this.#giveUpNewest(realm, gives);
  }

  /** The first task of a realm that may run one more. */
  next(mayRun: (realm: string) => boolean): { readonly realm: string; readonly task: Waiting } | undefined {
    let first: string | undefined;
    for (const realm of this.#realms.keys()) {
      if (!mayRun(realm)) continue;
      if (!this.#served.has(realm)) return this.#take(realm);
      first ??= realm;
    }
    if (first === undefined) return undefined;
    this.#served.clear();
    return this.#take(first);
  }

  /** A task begins without having waited. */
  begins(realm: string): void {
    if (this.#waiting === 0) this.#served.clear();
    this.#served.add(realm);
  }

  /** False where the task waits no more. */
  remove({ realm, caller = '' }: Lane, task: Waiting): boolean {
    const line = this.#realms.get(realm);
    const tasks = line?.callers.get(caller);
    const at = tasks?.indexOf(task) ?? -1;
    if (line === undefined || tasks === undefined || at < 0) return false;
    tasks.splice(at, 1);
    if (tasks.length === 0) line.callers.delete(caller);
    this.#leaves(realm, line);
    return true;
  }

  #take(realm: string): { readonly realm: string; readonly task: Waiting } | undefined {
    const line = this.#realms.get(realm);
    for (const [caller, tasks] of line?.callers ?? []) {
      const task = tasks.shift();
      if (line === undefined || task === undefined) continue;
      line.callers.delete(caller);
      if (tasks.length > 0) line.callers.set(caller, tasks);
      // The realm goes to the end.
      this.#realms.delete(realm);
      this.#realms.set(realm, line);
      this.#served.add(realm);
      this.#leaves(realm, line);
      return { realm, task };
    }
    return undefined;
  }

  #leaves(realm: string, line: RealmLine): void {
    line.waiting -= 1;
    this.#waiting -= 1;
    if (line.waiting === 0) this.#realms.delete(realm);
  }

  #longestRealm(): [string, RealmLine] | undefined {
    let longest: [string, RealmLine] | undefined;
    for (const entry of this.#realms) {
      if (longest === undefined || entry[1].waiting > longest[1].waiting) longest = entry;
    }
    return longest;
  }

  /**
   * A longer list of the same realm gives up its newest task. A known caller without a task in the line takes the place of a stranger, and only one:
   * a known caller may attack, too.
   */
  #callerThatGivesTo(caller: string, { callers, waiting }: RealmLine, isKnown: boolean): string | undefined {
    // With one task each, no list is longer: many callers make no refusal slower.
    if (!isKnown && callers.size === waiting) return undefined;
    let longest: string | undefined;
    let stranger: string | undefined;
    let length = (callers.get(caller)?.length ?? 0) + 1;
    for (const [other, tasks] of callers) {
      if (tasks.length > length) [longest, length] = [other, tasks.length];
      // The last of them would be served last.
      if (tasks.at(-1)?.isKnown === false) stranger = other;
    }
    return longest ?? (isKnown && !callers.has(caller) ? stranger : undefined);
  }

  #giveUpNewest(realm: string, caller: string): boolean {
    const line = this.#realms.get(realm);
    const tasks = line?.callers.get(caller);
    const newest = tasks?.pop();
    if (line === undefined || tasks === undefined || newest === undefined) return false;
    if (tasks.length === 0) line.callers.delete(caller);
    this.#leaves(realm, line);
    newest.settle('full');
    return true;
  }
}

/**
 * Lets `concurrency` tasks run and `most` wait, and refuses the rest at once (REL-14, SEC-93). Realms take turns, and within a realm its callers: a
 * realm that asks for a thousand tasks delays one task of another realm by one of its own. Where the queue is full, the longest realm gives up
 * its newest task, so a greedy tenant or caller only delays itself. A greedy realm that uses many callers cannot displace a known caller of the
 * same realm: a stranger gives up a place for each of them (SEC-57).
 */
export const fairQueue = (options: FairQueueOptions): FairQueue => {
  const { concurrency, concurrencyOfRealm = concurrency, deadlineMillis, timer } = options;
  const lines = new WaitingLines(options);
  /** By realm, how many of its tasks run; no entry is 0. */
  const runningOf = new Map<string, number>();
  let running = 0;

  const mayRun = (realm: string): boolean => (runningOf.get(realm) ?? 0) < concurrencyOfRealm;
  const begins = (realm: string): void => {
    running += 1;
    runningOf.set(realm, (runningOf.get(realm) ?? 0) + 1);
  };
  const ends = (realm: string): void => {
    running -= 1;
    const left = (runningOf.get(realm) ?? 0) - 1;
    if (left > 0) runningOf.set(realm, left);
    else runningOf.delete(realm);
  };
  const serve = (): void => {
    while (running < concurrency) {
      const next = lines.next(mayRun);
      if (next === undefined) return;
      begins(next.realm);
      next.task.settle('begun');
    }
  };
  const begun = async (lane: Lane, isKnown: boolean): Promise<Beginning> => {
    // Where a place is free, the tasks that wait are of realms that have as many as they may.
    if (running < concurrency && mayRun(lane.realm)) {
      begins(lane.realm);
      lines.begins(lane.realm);
      return 'begun';
    }
    if (!lines.makePlaceFor(lane, isKnown)) return 'full';
    return new Promise((settle) => {
      const task: Waiting = {
        isKnown,
        settle: (beginning) => {
          cancel();
          settle(beginning);
        },
      };
      const cancel = timer(deadlineMillis, () => {
        if (lines.remove(lane, task)) settle('late');
      });
      lines.add(lane, task);
    });
  };

  return async (lane, task, isKnown) => {
    let beginning = await begun(lane, false);
    if (beginning === 'full' && (await isKnown?.()) === true) beginning = await begun(lane, true);
    if (beginning !== 'begun') throw new JourneyError('OVERLOADED', { retryAfterSeconds: 1 });
    try {
      return await task();
    } finally {
      ends(lane.realm);
      serve();
    }
  };
};
