import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FaultSession } from '../faults/fault-session.ts';
import type { StoreName } from '../faults/servers/cluster.ts';
import { type Instance, THIS_BUILD } from '../faults/servers/instance.ts';
import { startAmazon } from '../faults/servers/provider.ts';

const SERVE_BUILD = fileURLToPath(new URL('serve-build.mjs', import.meta.url));
const PEOPLE = 40;
/** A secret in a log, or a difference between a wrong name and a wrong password. */
const isOfInvariant = (text: string): boolean => /^I\d: /.test(text);

export interface UpgradeOptions {
  readonly store: StoreName;
  /** The folder of the build that is replaced. */
  readonly older: string;
  readonly perSecond: number;
  /** How long each state lasts. */
  readonly seconds: number;
  readonly seed: number;
}

/** Which versions served, and what became of the logins meanwhile. */
export interface Phase {
  readonly name: string;
  readonly logins: number;
  /** Those that begin again, since their last answer was lost. */
  readonly begunAgain: number;
  /** Answers of 5xx, or none, for which there was no excuse: whoever asks again goes on, and a server with time to spare gives none. */
  readonly unanswered: readonly string[];
  /** What was told and is not so, and who was led nowhere. */
  readonly wrong: readonly string[];
}

/**
 * Replaces one instance after the other while people of all personas log in, and holds each state against what they were told
 * (F35, REL-20).
 */
export const upgrade = async (options: UpgradeOptions, listener: (phase: Phase) => void): Promise<void> => {
  const { seconds } = options;
  const olderBuild = [SERVE_BUILD, options.older];
  const session = await FaultSession.begin({
    store: options.store,
    seed: options.seed,
    perSecond: options.perSecond,
    people: PEOPLE,
    hasRedis: options.store === 'postgres',
    // The one that every version knows.
    startProvider: startAmazon,
    program: olderBuild,
  });
  const { cluster, load } = session;

  const replace = async (instance: Instance, program: readonly string[]): Promise<void> => {
    await instance.end('SIGTERM');
    instance.program = program;
    await cluster.untilReady();
  };
  const phase = async (name: string, change: () => Promise<void>): Promise<void> => {
    const before = { ...load.counts };
    load.begin();
    await change();
    await pause(seconds * 1_000);
    const { findings, unexplained } = await session.judge();
    const wrong = [...findings.map(({ kind, text }) => `${kind}: ${text}`), ...unexplained.filter(isOfInvariant)];
    listener({
      name,
      logins: load.counts.done - before.done,
      begunAgain: load.counts.lost - before.lost,
      unanswered: unexplained.filter((it) => !isOfInvariant(it)),
      wrong,
    });
  };

  try {
    const [first, second] = cluster.instances;
    if (first === undefined || second === undefined) throw new Error('There are no two instances.');
    await phase('both are the older one', async () => {});
    await phase('the first is replaced', () => replace(first, THIS_BUILD));
    await phase('the first goes back', () => replace(first, olderBuild));
    await phase('the first is replaced again', () => replace(first, THIS_BUILD));
    await phase('the second is replaced, too', () => replace(second, THIS_BUILD));
  } finally {
    await session.close();
  }
};
