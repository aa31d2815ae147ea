import { createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { FaultSession } from '../fault-session.ts';
import { expectThat, type Fault } from './fault.ts';

const redisOf = ({ cluster }: FaultSession) => {
  if (cluster.redis === undefined) throw new Error('There is no Redis.');
  return cluster.redis;
};

/** Somebody on the port of Redis who says things that Redis would not. */
const lieOn = async (port: number, millis: number): Promise<number> => {
  const sockets = new Set<Socket>();
  let told = 0;
  const liar = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', () => {
      told += 1;
      socket.write(
        '+OK\r\n*3\r\n$7\r\nmessage\r\n$6\r\nassent\r\n$9\r\nnot a key\r\n:99999\r\n$-1\r\n-ERR nothing here\r\n',
      );
    });
  }).listen(port, '127.0.0.1');
  await pause(millis);
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => liar.close(resolve));
  return told;
};

const events = async ({ cluster }: FaultSession, event: string): Promise<number> =>
  Number((await cluster.rows(`SELECT COUNT(*) AS many FROM audit WHERE event = '${event}'`))[0]?.many ?? 0);

/** Makes the provider do something else for as long as that, with official apps among those who log in. */
const withProvider = async (
  session: FaultSession,
  millis: number,
  steps: readonly (readonly ['script' | 'mode', unknown])[],
): Promise<void> => {
  const { cluster, load } = session;
  await session.whileBroken('logins', async () => {
    for (const [command, given] of steps) await cluster.steerProvider(command, given);
    const end = performance.now() + millis;
    while (performance.now() < end) {
      void load.honestly('official app');
      await pause(500);
    }
    // Whoever has no message leaves by a code, and phones of ours ask for themselves: neither needs the provider (REL-11).
    expectThat((await load.honestly('recovery code')) !== false, 'nobody gets out by a code');
    expectThat((await load.honestly('number')) !== false, 'our own phone is not rung either');
    await cluster.steerProvider('repair');
  });
};

export const surroundingFaults: readonly Fault[] = [
  {
    id: 'F25',
    title: 'Redis is killed, emptied, held; a liar is on its port',
    expected: 'later, and nothing else',
    stores: ['postgres'],
    async inject(session, { time }) {
      const redis = redisOf(session);
      // No excuse at all: hints are only hints.
      const rest = () => pause(5_000 * time);
      await redis.kill();
      await rest();
      const lies = await lieOn(redis.port, 5_000 * time);
      await redis.start();
      await rest();
      redis.pause();
      await rest();
      redis.resume();
      await rest();
      return `no login failed; ${lies} lies`;
    },
  },
  {
    id: 'F26',
    title: 'one instance is cut off from the database',
    expected: 'it leaves the rotation, the other serves all',
    stores: ['postgres'],
    async inject(session, { time }) {
      const { cluster } = session;
      const proxy = cluster.postgres?.proxies[0];
      if (proxy === undefined) throw new Error('There is no way to PostgreSQL.');
      const before = session.load.counts.done;
      await session.whileBroken('answers', async () => {
        proxy.fault = { kind: 'refuse' };
        proxy.breakAll();
        await pause(20_000 * time);
        proxy.fault = { kind: 'none' };
        await cluster.untilReady();
      });
      const done = session.load.counts.done - before;
      expectThat(done > 0, 'nobody was served');
      return `${done} logins meanwhile`;
    },
  },
  {
    id: 'F27',
    title: 'the provider of a phone is down: no answer, a broken line, 503',
    expected: 'a code or our own phone; then as before',
    async inject(session, { time }) {
      for (const answer of ['hang', 'reset', 503]) {
        await withProvider(session, 10_000 * time, [['script', { on: 'send', answer }]]);
      }
      return 'codes and own phones went on';
    },
  },
  {
    id: 'F28',
    title: 'the provider has too many calls: 429 with Retry-After',
    expected: 'left alone, and put off',
    async inject(session, { time }) {
      const before = await events(session, 'PUSH_DEFERRED');
      await withProvider(session, 10_000 * time + 2_000, [
        ['script', { on: 'send', answer: 429, code: 'QUOTA_EXCEEDED', retryAfter: '20' }],
      ]);
      const put = (await events(session, 'PUSH_DEFERRED')) - before;
      return `${put} put off`;
    },
  },
  {
    id: 'F29',
    title: 'the provider does not know a phone any more, or not us',
    expected: 'that channel is dead; a wrong key kills none',
    async inject(session, { time }) {
      const devices = async () => (await session.cluster.stored()).devices.length;
      const before = await devices();
      const dead = await events(session, 'DEVICE_CHANNEL_DEAD');
      await withProvider(session, 8_000 * time, [['script', { on: 'send', answer: 403, code: 'PERMISSION_DENIED' }]]);
      expectThat((await events(session, 'DEVICE_CHANNEL_DEAD')) === dead, 'our own wrong key has killed channels');
      await withProvider(session, 2_000, [['script', { on: 'send', answer: 404, code: 'UNREGISTERED', times: 1 }]]);
      expectThat((await devices()) >= before, 'a phone is gone');
      return `${(await events(session, 'DEVICE_CHANNEL_DEAD')) - dead} channel dead, no phone gone`;
    },
  },
  {
    id: 'F30',
    title: 'the provider says yes and delivers never, twice, late',
    expected: 'one prompt, none too late',
    async inject(session, { time }) {
      for (const mode of ['never', 'twice', 'late']) await withProvider(session, 6_000 * time, [['mode', mode]]);
      await session.cluster.steerProvider('late');
      return 'a code helped, then as before';
    },
  },
];
