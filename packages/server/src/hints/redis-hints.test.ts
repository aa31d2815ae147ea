import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { localHints, requestHint } from '@assent/push';
import { describeHintBusContract } from '@assent/push/testing';
import { FaultProxy, type RedisKind, RedisServer, Scratch } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { createClient } from '@redis/client';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { after, every, systemRandom } from '../platform/system-ports.ts';
import type { RedisAddress } from './redis-connection.ts';
import { type RedisHints, redisHints } from './redis-hints.ts';

const KEY = requestHint('AUTHENTICATE:1');
/** Beats come so much sooner than they do for operators. */
const HURRY = 20;
/** Other tests run at the same time. */
const PATIENCE = { interval: 5, timeout: 60_000 };

const open: RedisHints[] = [];
const instance = (address: RedisAddress, hurry = HURRY) => {
  const local = localHints();
  const told: string[] = [];
  const bus = redisHints({
    address,
    local,
    random: systemRandom,
    after,
    every: (millis, action) => every(millis / hurry, action),
    onLost: () => told.push('lost'),
    onBack: () => told.push('back'),
  });
  open.push(bus);
  return { bus, told, heard: () => vi.waitFor(() => expect(bus.isHeard()).toBe(true), PATIENCE) };
};
const arrives = (from: RedisHints, to: RedisHints): Promise<void> =>
  new Promise((resolve) => {
    const leave = to.subscribe(KEY, () => {
      leave();
      resolve();
    });
    from.publish(KEY);
  });

afterEach(() => {
  for (const bus of open.splice(0)) bus.close();
});

for (const kind of ['redis', 'valkey'] satisfies RedisKind[]) {
  describeWith([kind], `OPS-38: ${kind}`, () => {
    let server: RedisServer;
    beforeAll(async () => {
      server = await RedisServer.launch({ kind });
    });
    afterAll(() => server.kill());

    describeHintBusContract(kind, async () => {
      const [here, there] = [instance({ url: server.url }).bus, instance({ url: server.url }).bus];
      return {
        here,
        there,
        close: async () => {
          here.close();
          there.close();
        },
      };
    });
  });
}

describeWith(['redis'], 'OPS-37: what goes over the wire', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.launch({ kind: 'redis' });
  });
  afterAll(() => server.kill());

  test('are keys alone, those of two milliseconds in one message, and nothing of what was committed', async () => {
    const seen: string[] = [];
    const spy = createClient({ url: server.url });
    spy.on('error', () => {});
    await spy.connect();
    await spy.pSubscribe('*', (message) => seen.push(message));
    const [here, there] = [instance({ url: server.url }, 1), instance({ url: server.url }, 1)];
    await expect.poll(() => [here.told, there.told]).toEqual([['back'], ['back']]);
    seen.splice(0);
    const woken = new Promise((resolve) => there.bus.subscribe('phone:user-1:device-1', resolve));
    const message = { messageId: 'AUTHENTICATE:1', message: 'the secret of the message' };
    here.bus.publish('phone:user-1:device-1', { request: 'AUTHENTICATE:1', message });
    for (const key of ['push:1', 'push:2', 'push:1']) here.bus.publish(key);
    expect(await woken).toBeUndefined();
    await expect.poll(() => seen).toHaveLength(1);
    expect(JSON.parse(seen[0] ?? '')).toEqual([expect.any(String), 'phone:user-1:device-1', 'push:1', 'push:2']);
    spy.destroy();
  });

  test('its own come back to nobody: a listener here is called once', async () => {
    const { bus, heard } = instance({ url: server.url });
    await heard();
    const listener = vi.fn();
    bus.subscribe(KEY, listener);
    bus.publish(KEY);
    const other = instance({ url: server.url });
    await other.heard();
    await arrives(other.bus, bus);
    expect(listener).toHaveBeenCalledTimes(2);
  });
});

describeWith(['redis'], 'OPS-38: a Redis with TLS and a password', () => {
  let server: RedisServer;
  let scratch: Scratch;
  let passwordFile: string;
  beforeAll(async () => {
    scratch = new Scratch();
    passwordFile = join(scratch.folderFor('secrets'), 'password');
    writeFileSync(passwordFile, 'a secret\n');
    server = await RedisServer.launch({ kind: 'redis', tls: true, password: 'a secret', scratch });
  });
  afterAll(() => scratch.close());

  test('carries hints', async () => {
    const address = { url: server.url, passwordFile, authority: server.authority };
    const [here, there] = [instance(address), instance(address)];
    await Promise.all([here.heard(), there.heard()]);
    await arrives(here.bus, there.bus);
  });

  test('takes the password of the user whom the URL names', async () => {
    const url = server.url.replace('://', '://default@');
    await instance({ url, passwordFile, authority: server.authority }).heard();
  });

  test('is not spoken to where nobody vouches for it, or the password is wrong, and then looked for again', async () => {
    const stranger = instance({ url: server.url, passwordFile });
    const wrong = instance({ url: server.url, authority: server.authority });
    await expect.poll(() => [stranger.told, wrong.told]).toEqual([['lost'], ['lost']]);
    expect([stranger.bus.isHeard(), wrong.bus.isHeard()]).toEqual([false, false]);
    writeFileSync(passwordFile, 'another\n');
    const waits = instance({ url: server.url, passwordFile, authority: server.authority });
    await expect.poll(() => waits.told).toEqual(['lost']);
    writeFileSync(passwordFile, 'a secret\n');
    await waits.heard();
  });
});

describeWith(['redis'], 'OPS-40: a Redis that fails', () => {
  let server: RedisServer;
  let proxy: FaultProxy;
  beforeAll(async () => {
    server = await RedisServer.launch({ kind: 'redis' });
    proxy = await FaultProxy.launch(server.port);
  });
  afterAll(async () => {
    await proxy.close();
    await server.kill();
  });
  const two = async (hurry = HURRY) => {
    const [here, there] = [
      instance({ url: proxy.urlThrough(server.url) }, hurry),
      instance({ url: server.url }, hurry),
    ];
    await Promise.all([here.heard(), there.heard()]);
    return { here, there };
  };

  test.each([
    ['killed', () => server.kill(), () => server.start()],
    ['held', async () => server.pause(), async () => server.resume()],
    [
      'unreachable',
      async () => {
        proxy.fault = { kind: 'refuse' };
        proxy.breakAll();
      },
      async () => {
        proxy.fault = { kind: 'none' };
      },
    ],
    [
      'silent',
      async () => {
        proxy.fault = { kind: 'hold' };
      },
      async () => {
        proxy.fault = { kind: 'none' };
      },
    ],
  ])(
    '%s: it is not heard, others look for themselves, and all is as before when it is back',
    async (_how, fail, mend) => {
      const { here, there } = await two();
      await fail();
      await expect.poll(() => here.told.at(-1)).toBe('lost');
      expect(here.bus.isHeard()).toBe(false);
      // Far more than waits for it: the rest is lost, which is told.
      for (let at = 0; at < 10_000; at += 1) here.bus.publish(`push:AUTHENTICATE:${at}`);
      await mend();
      await expect.poll(() => here.told.at(-1)).toBe('back');
      await there.heard();
      await arrives(here.bus, there.bus);
      await arrives(there.bus, here.bus);
    },
  );

  test('flushed: nothing is noticed, since nothing is kept there', async () => {
    const { here, there } = await two(1);
    const client = createClient({ url: server.url });
    await client.connect();
    await client.flushAll();
    client.destroy();
    await arrives(here.bus, there.bus);
    expect(here.told).toEqual(['back']);
  });

  test('hints that were too many make others look, once it passes them on again', async () => {
    const { here, there } = await two();
    proxy.fault = { kind: 'hold' };
    for (let at = 0; at < 10_000; at += 1) here.bus.publish(`push:AUTHENTICATE:${at}`);
    expect(there.bus.isHeard()).toBe(true);
    proxy.fault = { kind: 'none' };
    await expect.poll(() => there.bus.isHeard(), { interval: 1 }).toBe(false);
    await there.heard();
  });

  const LIES: readonly (readonly [string, (socket: { write(text: string): unknown }) => void])[] = [
    ['says yes to everything', (socket) => socket.write('+OK\r\n'.repeat(3))],
    ['speaks another protocol', (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['says nothing', () => {}],
  ];
  test.each(LIES)('a liar on its port that %s is not heard', async (_how, lie) => {
    const liar: Server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', () => lie(socket));
    });
    await new Promise<void>((resolve) => liar.listen(0, '127.0.0.1', resolve));
    const { port } = liar.address() as AddressInfo;
    const deceived = instance({ url: `redis://127.0.0.1:${port}` }, 100);
    await expect.poll(() => deceived.told).toEqual(['lost']);
    expect(deceived.bus.isHeard()).toBe(false);
    deceived.bus.close();
    liar.close();
  });

  test('what strangers publish is nothing, and breaks nothing', async () => {
    const { here, there } = await two();
    const client = createClient({ url: server.url });
    await client.connect();
    for (const text of ['', 'no JSON', '{}', '[1]', '[]', 'null', `["x","${'a'.repeat(100_000)}"]`]) {
      await client.publish('assent:hints', text);
    }
    client.destroy();
    await arrives(there.bus, here.bus);
  });
});
