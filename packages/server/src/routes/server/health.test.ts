import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inject } from '../../testing/inject.ts';
import { type SteeredServer, steeredServer } from '../../testing/steered-server.ts';

let server: SteeredServer;
let isBroken = false;

beforeAll(async () => {
  server = await steeredServer({ port: 8080 });
});
afterAll(() => server?.assent.stop());

const probe = async (path: string, host = 'localhost:8080') => {
  const { statusCode, body, headers } = await inject(server.assent, { method: 'GET', url: path, headers: { host } });
  return { status: statusCode, body, cached: headers['cache-control'] };
};

const head = (url: string) => inject(server.assent, { method: 'HEAD', url, headers: { host: 'pod-7' } });

const uncached = expect.stringContaining('no-store');

test('a server is not ready before it has started, and lives all the same (OPS-53)', async () => {
  expect(await probe('/am/health/ready')).toMatchObject({ status: 503, body: '{"status":"starting"}' });
  expect(await probe('/am/health/live')).toMatchObject({ status: 200 });
  server.assent.health.start({ isWell: async () => !isBroken });
});

test('a store that does not answer makes the server unready, not dead, at AM’s address as at ours (B7)', async () => {
  isBroken = true;
  const status = 503;
  expect(await probe('/am/json/health/ready')).toEqual({ status, body: '', cached: uncached });
  expect(await probe('/am/health/ready')).toEqual({
    status,
    body: '{"status":"store unavailable"}',
    cached: uncached,
  });
  for (const at of ['/json', '']) expect(await head(`/am${at}/health/ready`)).toMatchObject({ statusCode: 503 });
  expect(await probe('/am/json/health/live')).toMatchObject({ status: 200 });
  isBroken = false;
});

test('{am}/health answers a probe that is not signed in, by whichever host name, with a word (B7)', async () => {
  for (const host of ['localhost:8080', '10.1.2.3:8080', 'pod-7']) {
    for (const name of ['live', 'ready']) {
      expect(await probe(`/am/health/${name}`, host)).toEqual({
        status: 200,
        body: `{"status":"${name}"}`,
        cached: uncached,
      });
    }
  }
});

test('{am}/json/health answers as AM does, by the status alone (OPS-52)', async () => {
  for (const host of ['localhost:8080', '10.1.2.3:8080', 'pod-7']) {
    for (const name of ['live', 'ready']) {
      expect(await probe(`/am/json/health/${name}`, host)).toEqual({ status: 200, body: '', cached: uncached });
    }
  }
});

test.each(['/json', ''])('{am}%s/health answers HEAD with the status of GET (B7)', async (at) => {
  for (const name of ['live', 'ready'])
    expect(await head(`/am${at}/health/${name}`)).toMatchObject({ statusCode: 200 });
});

test('probes cost the store nothing (OPS-53)', async () => {
  const { store } = server.assent;
  const before = { ...store.counters };
  for (const path of ['/am/health/ready', '/am/json/health/ready', '/am/health/live']) await probe(path);
  expect(store.counters).toEqual(before);
});

test('no other resource answers by a name that is not the server’s (SEC-08)', async () => {
  expect(await probe('/am/json/serverinfo/*', 'pod-7')).toMatchObject({ status: 400 });
  expect(await probe('/am/json/users/health', 'pod-7')).toMatchObject({ status: 400 });
});

test('a server that is about to stop is not ready, and answers everything by connections that end with it (OPS-33)', async () => {
  const draining = await steeredServer({ port: 8080 });
  const { assent } = draining;
  const get = (url: string) => inject(assent, { method: 'GET', url, headers: { host: 'localhost:8080' } });
  try {
    expect((await get('/am/json/serverinfo/*')).headers.connection).not.toBe('close');
    assent.drain();
    for (const at of ['', '/json']) {
      const body = at === '' ? '{"status":"stopping"}' : '';
      expect(await get(`/am${at}/health/ready`)).toMatchObject({ statusCode: 503, body });
      expect(await get(`/am${at}/health/live`)).toMatchObject({ statusCode: 200 });
    }
    for (const url of ['/am/json/serverinfo/*', '/am/oauth2/.well-known/openid-configuration']) {
      expect(await get(url)).toMatchObject({ statusCode: 200, headers: { connection: 'close' } });
    }
    expect(draining.logged().at(-1)).toMatchObject({ msg: expect.stringContaining('not ready any more'), seconds: 5 });
  } finally {
    await assent.stop();
  }
});

test('what nobody has caught is told with an id, and after an exception nobody is sent here (REL-24)', async () => {
  const { assent } = server;
  const last = () => server.logged().at(-1);
  assent.noteUncaught('rejection', new Error('lost'));
  const line = { transactionId: expect.stringMatching(/^[\w-]{36}$/), cause: 'Error: lost', stack: expect.any(String) };
  expect(last()).toMatchObject({ ...line, level: 'error' });
  expect(await probe('/am/health/ready')).toMatchObject({ status: 200 });
  assent.noteUncaught('exception', 'broken');
  expect(last()).toMatchObject({ level: 'fatal', cause: 'broken' });
  expect(await probe('/am/health/ready')).toMatchObject({ status: 503, body: '{"status":"stopping"}' });
});

describe('of a proxy that says who calls, health tells', () => {
  const told = async (of: SteeredServer, forwardedFor?: string): Promise<unknown> => {
    const headers = { host: 'localhost:8080', ...(forwardedFor !== undefined && { 'x-forwarded-for': forwardedFor }) };
    const answer = await inject(of.assent, { method: 'GET', url: '/am/health/ready', headers });
    return answer.headers['x-assent-forwarded'];
  };

  test('nothing where it says nothing, and that it is ignored where nobody trusts it (OPS-51)', async () => {
    expect(await told(server)).toBeUndefined();
    expect(await told(server, '203.0.113.7')).toBe('ignored');
  });

  test('that it is believed where it is trusted, and not where another one is (OPS-51)', async () => {
    for (const [proxy, becomes] of [
      ['127.0.0.1', 'believed'],
      ['10.0.0.0/8', 'ignored'],
    ] as const) {
      const behind = await steeredServer({ port: 8080, trustedProxies: [proxy] });
      expect(await told(behind, '203.0.113.7')).toBe(becomes);
      await behind.assent.stop();
    }
  });
});
