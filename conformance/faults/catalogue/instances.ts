import { setTimeout as pause } from 'node:timers/promises';
import type { FaultSession } from '../fault-session.ts';
import { addScriptedLogin } from '../people/made-journeys.ts';
import type { Instance } from '../servers/instance.ts';
import { type Effort, expectThat, type Fault } from './fault.ts';

const HOUR = 3_600_000;
/** How often each instance is stopped in order. */
const STOP_ROUNDS = 3;
/** Connections beyond those that an instance has: fewer than people at the busiest moment need. */
const SPARE_FILES = 4;

/** Starts one instance after the other anew, as it is changed. */
const restarted = async (session: FaultSession, change: (instance: Instance, at: number) => void): Promise<void> => {
  for (const [at, instance] of session.cluster.instances.entries()) {
    await session.whileBroken('answers', async () => {
      await instance.end('SIGTERM');
      change(instance, at);
      await session.cluster.untilReady();
    });
  }
};

const SCRIPT = 'script';
/** By when a supervisor has brought back what ended: security-reliability §4, F37. */
const RESTART_MILLIS = 3_000;
/** Rounds of logins whose scripts run while their threads end. */
const THREAD_ROUNDS = 8;
const THREADS_MILLIS = 1_000;

/** Ends threads as scripts come to run, for that long; how many it were. */
const endThreadsMeanwhile = async (session: FaultSession, millis: number): Promise<number> => {
  let ended = 0;
  const until = performance.now() + millis;
  while (performance.now() < until) {
    for (const instance of session.cluster.instances) ended += await instance.endThreads();
    await pause(20);
  }
  return ended;
};

/** How long it takes until somebody is in by a script. */
const untilScripted = async ({ load }: FaultSession): Promise<number> => {
  const since = performance.now();
  const elapsed = () => performance.now() - since;
  while ((await load.honestly(SCRIPT)) === false && elapsed() < 2 * RESTART_MILLIS);
  return elapsed();
};

/** What of all kills is not at points, less what PostgreSQL gets. */
const killsBetween = (
  { cluster }: FaultSession,
  { kills }: Effort,
): { readonly ours: number; readonly databases: number } => {
  const rest = kills - Math.round(kills * 0.6);
  const databases = cluster.postgres === undefined ? 0 : Math.floor(rest / 4);
  return { ours: rest - databases, databases };
};

export const instanceFaults: readonly Fault[] = [
  {
    id: 'F32',
    title: 'the clock of one machine is an hour ahead, of the other five minutes behind',
    expected: 'the time is that of the database',
    stores: ['postgres'],
    async inject(session, { time }) {
      const moved = [HOUR, -HOUR / 12];
      await restarted(session, (instance, at) => {
        instance.clockMovedBy = moved[at] ?? 0;
      });
      await pause(20_000 * time);
      await restarted(session, (instance) => {
        instance.clockMovedBy = 0;
      });
      return 'no login noticed';
    },
  },
  {
    id: 'F33',
    title: 'each request goes to the next instance, without a cookie',
    expected: 'every persona gets on',
    async inject(session, { time }) {
      const before = session.load.counts.done;
      await pause(20_000 * time);
      return `${session.load.counts.done - before} logins`;
    },
  },
  {
    id: 'F34',
    title: 'instances are stopped (SIGTERM) and killed (kill -9) in turn; PostgreSQL is killed',
    expected: 'stopped: nobody notices; killed: asked again, and on',
    async inject(session, effort) {
      const { cluster, random } = session;
      const { ours, databases } = killsBetween(session, effort);
      const rounds = Math.round(STOP_ROUNDS * effort.time);
      for (let round = 0; round < rounds; round += 1) {
        for (const instance of cluster.instances) {
          // No excuse: it drains until the proxy sends its requests elsewhere (OPS-33).
          await instance.end('SIGTERM');
          await cluster.untilReady();
        }
      }
      for (let kill = 0; kill < ours; kill += 1) {
        await pause(500 * random.next());
        await session.kill(session.someInstance());
      }
      for (let kill = 0; kill < databases; kill += 1) {
        await pause(500 * random.next());
        await session.killDatabase();
      }
      return `${rounds * 2} stops, ${ours} kills${databases === 0 ? '' : `, ${databases} of PostgreSQL`}`;
    },
  },
  {
    id: 'F36',
    title: 'a tenth of all answers is lost, a tenth of all requests comes twice',
    expected: 'everybody logs in, nothing counts twice',
    async inject(session, { time }) {
      const { network } = session.cluster;
      const { dropped, doubled } = network.counts;
      await session.whileBroken('answers', async () => {
        network.unreliable = 0.1;
        await pause(30_000 * time);
        network.unreliable = 0;
      });
      return `${network.counts.dropped - dropped} lost, ${network.counts.doubled - doubled} twice`;
    },
  },
  {
    id: 'F37',
    title: 'the loop of an instance stands for 2 s; an instance may open no more files',
    expected: 'late, and nothing else',
    async inject(session, { time }) {
      await session.whileBroken('answers', async () => {
        session.someInstance().block(2_000);
        await pause(3_000);
      });
      const instance = session.someInstance();
      const { pid, openFiles } = instance;
      await session.whileBroken('answers', () =>
        instance.limited('nofile', openFiles + SPARE_FILES, () => pause(10_000 * time)),
      );
      await session.cluster.untilReady();
      expectThat(instance.isRunning && instance.pid === pid, 'it ended for want of files');
      return `waited for; alive with ${openFiles + SPARE_FILES} files`;
    },
  },
  {
    id: 'F37',
    title: 'the threads end that run scripts',
    expected: 'their logins fail; the next script runs within 3 s',
    async inject(session, { time }) {
      const { cluster, load } = session;
      await addScriptedLogin(cluster);
      // With the start of a thread, which takes its time on a machine with a lot to do.
      const before = await untilScripted(session);
      const pids = cluster.instances.map(({ pid }) => pid);
      const rounds = Math.max(3, Math.round(THREAD_ROUNDS * time));
      const { disturbed } = load.counts;
      let ended = 0;
      await session.whileBroken('logins', async () => {
        for (let round = 0; round < rounds; round += 1) {
          const logins = [load.honestly(SCRIPT), load.honestly(SCRIPT)];
          ended += await endThreadsMeanwhile(session, THREADS_MILLIS);
          await Promise.all(logins);
        }
      });
      expectThat(ended > 0, 'no thread ended');
      const first = await untilScripted(session);
      const back = Math.max(0, first - Math.max(before, await untilScripted(session)));
      expectThat(back < RESTART_MILLIS, `the next script ran after ${(back / 1_000).toFixed(1)} s`);
      const areAlive = cluster.instances.every(({ isRunning, pid }, at) => isRunning && pid === pids[at]);
      expectThat(areAlive, 'an instance ended with its threads');
      return `${ended} threads ended, with ${load.counts.disturbed - disturbed} logins; the next ran ${(back / 1_000).toFixed(1)} s later than usual`;
    },
  },
];
