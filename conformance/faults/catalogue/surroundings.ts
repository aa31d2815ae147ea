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

export const events = async ({ cluster }: FaultSession, event: string): Promise<number> =>
  Number((await cluster.rows(`SELECT COUNT(*) AS many FROM audit WHERE event = '${event}'`))[0]?.many ?? 0);

/** For so long a provider is left alone that was down (OPS-45), and a little longer. */
const LEFT_ALONE_MILLIS = 32_000;
/** As the provider says, which is believed instead: longer than one message is tried at once, so that it is put off. */
const RETRY_AFTER_SECONDS = 12;
const OFFICIAL = 'registration of the official app';

/** So many new people with the official app, at the same time: whether each has got their message. */
const officials = async ({ load }: FaultSession, count: number): Promise<readonly (boolean | undefined)[]> =>
  Promise.all(Array.from({ length: count }, () => load.honestly(OFFICIAL)));

/**
 * Makes the provider do one thing after the other, for as long as that each, with official apps among those who log in. Nobody else may
 * notice. `rest`: for how long it is left alone when it is well again; then messages come as before, by both instances.
 */
export const withProvider = async (
  session: FaultSession,
  steps: readonly (readonly ['script' | 'mode', unknown])[],
  millis: number,
  rest: number,
): Promise<void> => {
  const { cluster, load } = session;
  await session.whileBroken('messages', async () => {
    for (const [command, given] of steps) {
      await cluster.steerProvider(command, given);
      const end = performance.now() + millis;
      do {
        void load.honestly(OFFICIAL);
        await pause(1_000);
      } while (performance.now() < end);
      // Whoever has no message leaves by a code, and phones of ours ask for themselves: neither needs the provider (REL-11).
      expectThat((await load.honestly('recovery code')) !== false, 'nobody gets out by a code');
      expectThat((await load.honestly('number')) !== false, 'our own phone is not rung either');
      await cluster.steerProvider('repair');
    }
    await pause(rest);
    const isAsBefore = (await officials(session, 4)).every((it) => it);
    expectThat(isAsBefore, 'the provider is well again, and messages do not come');
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
      await redis.pause();
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
      const steps = ['hang', 'reset', 503].map((answer) => ['script', { on: 'send', answer }] as const);
      await withProvider(session, steps, 8_000 * time, LEFT_ALONE_MILLIS);
      return 'codes and own phones went on, and messages came again';
    },
  },
  {
    id: 'F28',
    title: 'the provider has too many calls: 429 with Retry-After',
    expected: 'left alone for so long, put off, and sent then',
    async inject(session, { time }) {
      const before = await events(session, 'PUSH_DEFERRED');
      const answer = { on: 'send', answer: 429, code: 'QUOTA_EXCEEDED', retryAfter: String(RETRY_AFTER_SECONDS) };
      await withProvider(session, [['script', answer]], 10_000 * time, (RETRY_AFTER_SECONDS + 1) * 1_000);
      const put = (await events(session, 'PUSH_DEFERRED')) - before;
      expectThat(put > 0, 'nothing was put off');
      return `${put} put off, and sent again`;
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
      const denied = { on: 'send', answer: 403, code: 'PERMISSION_DENIED' };
      await withProvider(session, [['script', denied]], 8_000 * time, 0);
      expectThat((await events(session, 'DEVICE_CHANNEL_DEAD')) === dead, 'our own wrong key has killed channels');
      const gone = { on: 'send', answer: 404, code: 'UNREGISTERED', times: 1 };
      await withProvider(session, [['script', gone]], 2_000, 0);
      const killed = (await events(session, 'DEVICE_CHANNEL_DEAD')) - dead;
      expectThat(killed === 1, `${killed} channels died of one phone that is gone`);
      expectThat((await devices()) >= before, 'a phone is gone');
      return 'one channel dead, no phone gone';
    },
  },
  {
    id: 'F30',
    title: 'the provider says yes and delivers never, twice, late',
    expected: 'a code in its place; twice is one prompt',
    async inject(session, { time }) {
      const { cluster } = session;
      for (const mode of ['never', 'late']) await withProvider(session, [['mode', mode]], 6_000 * time, 0);
      // What was late comes to phones whose people have left by now.
      await cluster.steerProvider('late');
      await cluster.steerProvider('mode', 'twice');
      const areSignedIn = (await officials(session, 4)).every((it) => it);
      await cluster.steerProvider('repair');
      expectThat(areSignedIn, 'a message that comes twice signs nobody in');
      return 'a code helped; twice was once';
    },
  },
];
