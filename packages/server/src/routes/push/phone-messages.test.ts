import { request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SteeredServer, steeredServer } from '../../testing/steered-server.ts';

// A body in pieces needs a socket: without one its length would be known.

let server: SteeredServer;
beforeAll(async () => {
  server = await steeredServer({ port: 0 });
  await server.assent.listen();
});
afterAll(() => server?.assent.stop());

const post = (
  path: string,
  pieces: readonly string[],
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number | undefined; readonly body: unknown }> =>
  new Promise((resolve, reject) => {
    const { port } = server.assent.app.server.address() as AddressInfo;
    const sent = request(
      { host: '127.0.0.1', port, path, method: 'POST', headers: { 'content-type': 'application/json', ...headers } },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode, body: JSON.parse(text) as unknown }));
      },
    );
    sent.on('error', reject);
    for (const piece of pieces) sent.write(piece);
    sent.end();
  });

const LARGE = `{"messageId":"${'x'.repeat(16 * 1024)}"}`;
const TOO_LARGE = {
  status: 413,
  body: { code: 413, reason: 'Request Entity Too Large', message: 'The body is larger than 16384 bytes.' },
};
const MESSAGES = ['/am/json/push/sns/message', '/am/json/realms/root/push/sns/message'];

test.each(MESSAGES)(
  '%s reads 16 KiB and no more, also of a body in pieces (A7, design.md §3.3 "sizes")',
  async (path) => {
    for (const action of ['register', 'authenticate', 'refresh']) {
      const url = `${path}?_action=${action}`;
      expect(await post(url, [LARGE.slice(0, 9_000), LARGE.slice(9_000)])).toEqual(TOO_LARGE);
      expect(await post(url, [LARGE], { 'content-length': String(LARGE.length) })).toEqual(TOO_LARGE);
    }
  },
);

test.each(['register', 'authenticate', 'refresh'])(
  'a body that cannot be read is answered like any that is wrong by _action=%s (A7, SEC-34)',
  async (action) => {
    const wrong = { status: 400, body: { code: 400, reason: 'Bad Request', message: 'Bad request.' } };
    for (const body of [
      '{}',
      '{"messageId":"x","jwt":"y"}',
      '{"constructor":{"prototype":{}},"messageId":"x","jwt":"y"}',
      '{"__proto__":1}',
      '{"messageId":"a","messageId":"b"}',
      '{"messageId":',
      '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]',
      'null',
      '"text"',
      '\ufeff{}',
    ]) {
      expect([body, await post(`${MESSAGES[0]}?_action=${action}`, [body])]).toEqual([body, wrong]);
    }
  },
);

test('an unknown phone learns no more from a body that cannot be read (A7)', async () => {
  const path = '/am/json/push/relay?_action=shown&mechanismUid=x';
  const unknown = { status: 401, body: { code: 401, reason: 'Unauthorized', message: 'Unauthorized' } };
  for (const body of ['{}', '{"constructor":1}', '{']) expect(await post(path, [body])).toEqual(unknown);
});

test('a guess is counted where it came from, whenever its connection is broken off (SEC-56)', async () => {
  const { store } = server.assent;
  const { port } = server.assent.app.server.address() as AddressInfo;
  const { host, pathname } = new URL(server.assent.publicUrl);
  const head = [
    `POST ${pathname}/json/authenticate?authIndexType=service&authIndexValue=Login HTTP/1.1`,
    `Host: ${host}`,
    'Accept-API-Version: protocol=1.0,resource=2.1',
    'Content-Type: application/json',
    'X-OpenAM-Username: demo',
    'X-OpenAM-Password: wrong',
    'Content-Length: 2',
  ].join('\r\n');
  const guess = () =>
    new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(`${head}\r\n\r\n{}`, () => socket.resetAndDestroy());
      });
      socket.on('error', () => undefined).on('close', () => resolve());
    });
  const addresses = async () => {
    const demo = await store.identities.find('/', 'demo');
    const query = { events: ['AUTH_FAIL', 'THROTTLED'], since: 0, limit: 99 };
    const { events } = await store.audit.page(demo?.id ?? '', query);
    return events.map(({ detail }) => detail?.address);
  };
  for (let at = 0; at < 9; at += 1) await guess();
  await expect.poll(async () => (await addresses()).length).toBeGreaterThan(0);
  expect(new Set(await addresses())).toEqual(new Set(['127.0.0.1']));
});
