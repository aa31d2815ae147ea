import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ASSENT, runAssent } from '../../support/server-process.ts';
import type { FaultSession } from '../fault-session.ts';
import { expectThat, type Fault } from './fault.ts';

interface ListedKey {
  readonly kind: string;
  readonly id: string;
  readonly status: 'next' | 'active' | 'retiring' | 'retired';
  readonly records?: number;
}

const envOf = ({ cluster }: FaultSession): Readonly<Record<string, string>> => ({ ...cluster.instances[0]?.env });

const key = async (session: FaultSession, ...args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await runAssent(['key', ...args], { env: envOf(session) });
  expectThat(code === 0, `assent key ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
};

/** The keys of the installation; those of OpenID Connect come and go by days. */
const listed = async (session: FaultSession): Promise<readonly ListedKey[]> =>
  (await key(session, 'list', '--json'))
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { readonly key: ListedKey }).key)
    .filter(({ kind }) => kind !== 'master' && !kind.startsWith('oidc:'));

/** So long what the keys before have signed is good here: longer than anybody is on the way. */
const GOOD_FOR = '60s';
const RETIRED_MILLIS = 150_000;

/** Until what was replaced is retired, which the instances do by themselves; how long that took. */
const untilRetired = async (session: FaultSession): Promise<number> => {
  const since = performance.now();
  for (;;) {
    const open = (await listed(session)).filter(({ status }) => status === 'retiring' || status === 'next');
    if (open.length === 0) return performance.now() - since;
    expectThat(
      performance.now() - since < RETIRED_MILLIS,
      `not retired: ${open.map(({ kind, id, status, records }) => `${kind} ${id} ${status} ${records}`).join(', ')}`,
    );
    await pause(1_000);
  }
};

/** What was replaced is destroyed, and nothing is left but what is in use; how many keys went. */
const destroyed = async (session: FaultSession): Promise<number> => {
  const out = await key(session, 'destroy', '--retired', '--yes');
  const left = await listed(session);
  expectThat(
    left.every(({ status }) => status === 'active'),
    `left: ${JSON.stringify(left)}`,
  );
  return out.trim().split('\n').length;
};

/** Starts one instance after the other anew, with another master key. */
const withMasterKey = async (session: FaultSession, masterKey: string): Promise<void> => {
  const { cluster } = session;
  const file = join(cluster.scratch, 'next-master.key');
  writeFileSync(file, masterKey);
  await key(session, 'rotate', '--master', '--new-key-file', file);
  for (const instance of cluster.instances) {
    await session.whileBroken('answers', async () => {
      await instance.end('SIGTERM');
      instance.env = { ...instance.env, ASSENT_MASTER_KEY: masterKey };
      await cluster.untilReady();
    });
  }
};

const killedAfter = async (child: ChildProcess, millis: number): Promise<void> => {
  const exit = once(child, 'exit');
  await Promise.race([exit, pause(millis)]);
  child.kill('SIGKILL');
  await exit;
};

const startRotation = (session: FaultSession): ChildProcess =>
  spawn(process.execPath, [ASSENT, 'key', 'rotate', 'all', '--good-for', GOOD_FOR], {
    env: { PATH: process.env.PATH ?? '', ...envOf(session) },
    stdio: 'ignore',
  });

const KILLS = 6;

export const keyFaults: readonly Fault[] = [
  {
    id: 'F17',
    title: 'every key is replaced, and destroyed, while people log in',
    expected: 'no login is lost, all that is stored opens',
    async inject(session) {
      const { load } = session;
      const before = { ...load.counts };
      await key(session, 'rotate', 'all', '--good-for', GOOD_FOR);
      await key(session, 'rotate', '--oidc', '--now');
      const millis = await untilRetired(session);
      const gone = await destroyed(session);
      const { failed, lost, disturbed } = load.counts;
      expectThat(
        failed === before.failed && lost === before.lost && disturbed === before.disturbed,
        `logins: ${JSON.stringify(before)}, and then ${JSON.stringify(load.counts)}`,
      );
      return `${gone} keys replaced and destroyed after ${Math.round(millis / 1_000)} s, ${load.counts.done - before.done} logins meanwhile, none lost`;
    },
  },
  {
    id: 'F17',
    title:
      'the master key is replaced, one instance after the other starts with it, and all that seals is replaced under it',
    expected: 'no login is lost, the one before opens nothing',
    async inject(session) {
      const original = envOf(session).ASSENT_MASTER_KEY ?? '';
      await withMasterKey(session, Buffer.alloc(32, 8).toString('base64'));
      await key(session, 'rotate', 'sealing');
      await untilRetired(session);
      const gone = await destroyed(session);
      const { code, stderr } = await runAssent(['key', 'list'], {
        env: { ...envOf(session), ASSENT_MASTER_KEY: original },
      });
      expectThat(code === 1 && stderr.includes('was replaced at'), `the one before opens it: ${stderr}`);
      await withMasterKey(session, original);
      return `${gone} keys under the new one destroyed; the one before is told what became of it`;
    },
  },
  {
    id: 'F17',
    title: 'kill -9 in the middle of a rotation, of whoever does it and of an instance',
    expected: 'goes on where it stopped',
    async inject(session) {
      for (let kill = 1; kill <= KILLS; kill += 1) {
        await killedAfter(startRotation(session), 400 + session.random.below(1_200));
        if (kill % 3 === 0) await session.kill(session.someInstance());
      }
      await key(session, 'rotate', 'all', '--good-for', GOOD_FOR);
      await untilRetired(session);
      return `${KILLS} rotations and ${KILLS / 3} instances killed, then ${await destroyed(session)} keys destroyed`;
    },
  },
];
