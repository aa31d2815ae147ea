import type { Effort, Fault } from './catalogue/fault.ts';
import { CATALOGUE } from './catalogue/index.ts';
import { FaultSession } from './fault-session.ts';
import type { RunOptions } from './run-options.ts';
import type { StoreName } from './servers/cluster.ts';

export interface Row {
  readonly id: string;
  readonly store: StoreName;
  readonly title: string;
  readonly expected: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly seen: string;
  readonly seconds: number;
}

export interface StoreReport {
  readonly store: StoreName;
  readonly kills: number;
  readonly logins: FaultSession['load']['counts'];
  readonly byPersona: ReadonlyMap<string, number>;
  readonly seconds: number;
}

export interface RunListener {
  row(row: Row): void;
  store(report: StoreReport): void;
}

/** In so many minutes faults last as long as the specification says, beside kills, starts and judgements. */
const FULL_MINUTES = 20;
const PEOPLE = 40;

const isFor = ({ stores }: Fault, store: StoreName): boolean => stores === undefined || stores.includes(store);

/** The fault is over, whatever became of it: what is wrong now is wrong. */
const wrongAfter = async (session: FaultSession): Promise<readonly string[]> => {
  const { findings, unexplained } = await session.judge();
  return [
    ...findings.map(({ kind, text }) => `${kind}: ${text}`),
    ...(unexplained.length === 0 ? [] : [`${unexplained.length} without an excuse, such as ${unexplained[0]}`]),
  ];
};

interface Outcome extends Pick<Row, 'outcome' | 'seen'> {
  /** The servers did not come back: whatever comes next would be judged by what is broken already. */
  readonly isBeyondHelp?: true;
}

const textOf = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));

const inject = async (session: FaultSession, fault: Fault, effort: Effort): Promise<Outcome> => {
  const { skipped } = fault;
  const reason = typeof skipped === 'function' ? skipped(session.seed, effort) : skipped;
  if (reason !== undefined || fault.inject === undefined) return { outcome: 'skipped', seen: reason ?? '' };
  const wrong: string[] = [];
  let seen = '';
  session.load.begin();
  try {
    seen = await fault.inject(session, effort);
  } catch (error) {
    wrong.push(textOf(error));
  }
  try {
    await session.cluster.untilReady();
    wrong.push(...(await wrongAfter(session)));
  } catch (error) {
    return { outcome: 'failed', seen: [...wrong, textOf(error)].join('\n'), isBeyondHelp: true };
  }
  return wrong.length > 0 ? { outcome: 'failed', seen: wrong.join('\n') } : { outcome: 'passed', seen };
};

/** What the sessions of one store have seen, of which there are several where servers did not come back. */
class Tally {
  kills = 0;
  readonly logins = { begun: 0, done: 0, lost: 0, disturbed: 0, failed: 0 };
  readonly byPersona = new Map<string, number>();

  add({ kills, load }: FaultSession): void {
    this.kills += kills;
    for (const name of Object.keys(this.logins) as (keyof Tally['logins'])[]) this.logins[name] += load.counts[name];
    for (const [name, count] of load.byPersona) this.byPersona.set(name, (this.byPersona.get(name) ?? 0) + count);
  }
}

type StoreOptions = Pick<RunOptions, 'seed' | 'perSecond'> & { readonly store: StoreName; readonly effort: Effort };

/** Injects faults into one store, one after the other; how many failed. */
const runStore = async (
  faults: readonly Fault[],
  { store, seed, perSecond, effort }: StoreOptions,
  listener: RunListener,
): Promise<number> => {
  const people = Math.max(8, Math.round(PEOPLE * effort.time));
  const began = performance.now();
  const tally = new Tally();
  let failed = 0;
  let session: FaultSession | undefined;
  const over = async () => {
    if (session === undefined) return;
    tally.add(session);
    await session.close();
    session = undefined;
  };
  try {
    for (const fault of faults) {
      session ??= await FaultSession.begin({ store, seed, perSecond, people, hasRedis: store === 'postgres' });
      const { id, title, expected } = fault;
      const since = performance.now();
      const { outcome, seen, isBeyondHelp } = await inject(session, fault, effort);
      if (outcome === 'failed') failed += 1;
      const seconds = (performance.now() - since) / 1_000;
      listener.row({ id, store, title, expected, outcome, seen, seconds });
      if (isBeyondHelp) await over();
    }
  } finally {
    await over();
  }
  const { kills, logins, byPersona } = tally;
  listener.store({ store, kills, logins, byPersona, seconds: (performance.now() - began) / 1_000 });
  return failed;
};

/** Injects all faults that are wanted, into the stores beside each other: most of their time is waiting. How many failed. */
export const runFaults = async (options: RunOptions, listener: RunListener): Promise<number> => {
  const { stores, seed, kills, only, minutes, perSecond } = options;
  const faults = CATALOGUE.filter(({ id }) => only.length === 0 || only.includes(id));
  const effort: Effort = { kills: Math.round(kills / stores.length), time: Math.min(1, minutes / FULL_MINUTES) };
  const failed = await Promise.all(
    stores.map((store) =>
      runStore(
        faults.filter((fault) => isFor(fault, store)),
        { store, seed, perSecond, effort },
        listener,
      ),
    ),
  );
  return failed.reduce((sum, it) => sum + it, 0);
};
