import { EventEmitter } from 'node:events';
import { get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { UNSENT_LIMITS, UnsentAnswers } from '../bounds/unsent-answers.ts';
import { type RestClient, restClient, signIn } from '../testing/rest-client.ts';
import { type SteeredServer, steeredServer } from '../testing/steered-server.ts';

// A whole server, where many clients do not read their answers.

const PASSWORD = 'correct horse 7';
let server: SteeredServer;
let rest: RestClient;
let port = 0;
let unsent: UnsentAnswers;

const page = (path: string) =>
  new Promise<{ readonly status: number | undefined; readonly text: string }>((resolve, reject) => {
    const { host } = new URL(server.assent.publicUrl);
    get({ host: '127.0.0.1', port, path, headers: { host }, agent: false }, (answer) => {
      let text = '';
      answer.on('data', (bytes) => {
        text += bytes;
      });
      answer.on('end', () => resolve({ status: answer.statusCode, text }));
    }).on('error', reject);
  });

beforeAll(async () => {
  server = await steeredServer({ port: 0, logLevel: 'debug' });
  rest = restClient(server);
  port = (await server.assent.listen()).port;
  await server.createRealm('/other');
  await server.createUser('/other', 'bob', PASSWORD);
  const makeRoomFor = vi.spyOn(UnsentAnswers.prototype, 'makeRoomFor');
  // A page without compression is large enough to ask for room.
  await page('/am/login?realm=/other');
  unsent = makeRoomFor.mock.contexts[0] as UnsentAnswers;
});
afterAll(() => server?.assent.stop());
afterEach(() => vi.restoreAllMocks());

test('requests for pages and for the provider belong to the realm that they are for (SEC-93)', async () => {
  const realmOf = async (path: string) => {
    server.takeLogged();
    await page(path);
    const answered = () => server.logged().find(({ msg }) => msg === 'A request was answered.');
    await expect.poll(answered).toBeDefined();
    return answered()?.realm;
  };
  expect(await realmOf('/am/login?realm=/other')).toBe('/other');
  expect(await realmOf('/am/XUI/?realm=other')).toBe('/other');
  expect(await realmOf('/am/login')).toBe('/');
  expect(await realmOf('/am/login/logo?realm=/other')).toBe('/other');
  expect(await realmOf('/am/oauth2/other/.well-known/openid-configuration')).toBe('/other');
  expect(await realmOf('/am/oauth2/realms/root/realms/other/authorize')).toBe('/other');
  expect(await realmOf('/.well-known/oauth-authorization-server/am/oauth2/other')).toBe('/other');
  expect(await realmOf('/am/login?realm=/nowhere')).toBeUndefined();
});

describe('clients that do not read (REL-14, SEC-93)', () => {
  /** As much of a socket as is counted. */
  const unread = (): Socket => Object.assign(new EventEmitter(), { destroy: () => undefined }) as unknown as Socket;

  test.each([
    [2_000, ''],
    [2_000, '/other'],
    [20_000, ''],
    [20_000, '/other'],
  ])(
    'from %i sources, at the realm "%s", keep no reader from the page, its files and a login',
    async (sources, realm) => {
      const sockets = Array.from({ length: sources }, unread);
      for (const [at, socket] of sockets.entries()) {
        unsent.hold({ realm, source: `source-${at}` }, 15_000, socket);
      }
      expect(unsent.bytes).toBeGreaterThan(UNSENT_LIMITS.mostOfRealm - 15_000);
      expect(unsent.bytes).toBeLessThanOrEqual(UNSENT_LIMITS.mostOfRealm);
      const begin = performance.now();
      vi.spyOn(performance, 'now').mockReturnValue(begin + UNSENT_LIMITS.graceMillis);
      const { status, text } = await page('/am/login?realm=/other');
      expect([status, text.includes('</html>')]).toEqual([200, true]);
      const files = [...text.matchAll(/(?:src|href)="\.?\/?(assets\/[^"]+)"/g)].map(([, file]) => file);
      expect(files.length).toBeGreaterThan(1);
      for (const file of files) expect(await page(`/am/${file}`)).toMatchObject({ status: 200 });
      expect(await signIn(rest, '/other', 'bob', PASSWORD)).toBeTypeOf('string');
      for (const socket of sockets) socket.emit('close');
      await expect.poll(() => unsent.bytes).toBe(0);
    },
  );

  test('a file that is served waits as one copy, whatever number of answers wait with it', async () => {
    const { text } = await page('/am/login');
    const [, script = ''] = /src="\.?\/?(assets\/[^"]+\.js)"/.exec(text) ?? [];
    const { length } = (await page(`/am/${script}`)).text;
    const { host } = new URL(server.assent.publicUrl);
    // More than a connection has room for: the rest waits in the server.
    const requests = Math.ceil((24 * 1_024 * 1_024) / length);
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    socket.pause();
    let waiting = 0;
    let most = 0;
    const hold = vi.spyOn(unsent, 'hold');
    hold.mockImplementation((...given) => {
      const held = UnsentAnswers.prototype.hold.apply(unsent, given);
      waiting += 1;
      most = Math.max(most, unsent.bytes);
      return held;
    });
    for (let at = 0; at < requests; at += 1) socket.write(`GET /am/${script} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    await expect.poll(() => waiting).toBeGreaterThan(0);
    await expect.poll(() => unsent.bytes).toBeGreaterThan(0);
    // A kibibyte or so of head, and what is counted for each answer.
    expect(most / waiting).toBeLessThan(4_096);
    socket.destroy();
    await expect.poll(() => unsent.bytes).toBe(0);
  });
});
