import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SteeredServer, steeredServer } from '../testing/steered-server.ts';

let server: SteeredServer;
let ports: Readonly<Record<'public' | 'management', number>>;

beforeAll(async () => {
  server = await steeredServer({ port: 0, managementPort: 0 });
  const { port } = await server.assent.listen();
  const opened = server.logged().find(({ msg }) => msg === 'The management port is open.');
  ports = { public: port, management: Number(opened?.port) };
});
afterAll(() => server?.assent.stop());

/** The status line of the answer to a request as it is on the wire. */
const statusOf = (port: number, lines: readonly string[]): Promise<string | undefined> =>
  new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write([...lines, '', ''].join('\r\n')));
    socket.on('data', (bytes) => {
      text += bytes;
    });
    socket.on('close', () => resolve(text.split('\r\n')[0]));
    socket.on('error', reject);
  });

/** More than Node reads where it is not told otherwise; 4.4 KB. */
const MANY = Array<string>(1_100).fill('a:');

describe('a header after 1,100 short ones (SEC-63)', () => {
  test.each([
    ['none', []],
    ['many', MANY],
  ])('a second Host is refused after %s', async (_, between) => {
    const own = `Host: ${new URL(server.assent.publicUrl).host}`;
    const asked = (last: readonly string[]) =>
      statusOf(ports.public, [
        'GET /am/json/serverinfo/version HTTP/1.1',
        'Connection: close',
        own,
        ...between,
        ...last,
      ]);
    expect(await asked(['Host: evil.example'])).toBe('HTTP/1.1 400 Bad Request');
    expect(await asked([])).toBe('HTTP/1.1 200 OK');
  });

  test.each([
    ['none', []],
    ['many', MANY],
  ])('the Host of another site is refused at the management port after %s', async (_, between) => {
    const asked = (host: string) =>
      statusOf(ports.management, ['GET /health/live HTTP/1.1', 'Connection: close', ...between, `Host: ${host}`]);
    expect(await asked('evil.example')).toBe('HTTP/1.1 421 Misdirected Request');
    expect(await asked(`127.0.0.1:${ports.management}`)).toBe('HTTP/1.1 200 OK');
  });
});
