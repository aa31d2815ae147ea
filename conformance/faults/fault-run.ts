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

/** The part of the time of a session for which faults last that have a time; the rest are kills, starts and judgements. */
const FULL_MINUTES_OF_A_STORE = 10;
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

const inject = async (session: FaultSession, fault: Fault, effort: Effort): Promise<Pick<Row, 'outcome' | 'seen'>> => {
  const { skipped } = fault;
  const reason = typeof skipped === 'function' ? skipped(session.seed, effort) : skipped;
  if (reason !== undefined || fault.inject === undefined) return { outcome: 'skipped', seen: reason ?? '' };
  const wrong: string[] = [];
  let seen = '';
  session.load.begin();
  try {
    seen = await fault.inject(session, effort);
  } catch (error) {
    wrong.push(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
    await session.cluster.heal();
  }
  wrong.push(...(await wrongAfter(session)));
  return wrong.length > 0 ? { outcome: 'failed', seen: wrong.join('\n') } : { outcome: 'passed', seen };
};

/** Injects all faults that are wanted, store by store; how many failed. */
export const runFaults = async (options: RunOptions, listener: RunListener): Promise<number> => {
  const { stores, seed, kills, only, minutes, perSecond } = options;
  const faults = CATALOGUE.filter(({ id }) => only.length === 0 || only.includes(id));
  const effort: Effort = {
    kills: Math.round(kills / stores.length),
    time: Math.min(1, minutes / stores.length / FULL_MINUTES_OF_A_STORE),
  };
  let failed = 0;
  for (const store of stores) {
    const wanted = faults.filter((fault) => isFor(fault, store));
    if (wanted.length === 0) continue;
    const began = performance.now();
    const people = Math.max(8, Math.round(PEOPLE * effort.time));
    const session = await FaultSession.begin({ store, seed, perSecond, people, hasRedis: store === 'postgres' });
    try {
      for (const fault of wanted) {
        const { id, title, expected } = fault;
        const since = performance.now();
        const { outcome, seen } = await inject(session, fault, effort);
        if (outcome === 'failed') failed += 1;
        const seconds = (performance.now() - since) / 1_000;
        listener.row({ id, store, title, expected, outcome, seen, seconds });
      }
      const { counts: logins, byPersona } = session.load;
      const seconds = (performance.now() - began) / 1_000;
      listener.store({ store, kills: session.kills, logins, byPersona, seconds });
    } finally {
      await session.close();
    }
  }
  return failed;
};
