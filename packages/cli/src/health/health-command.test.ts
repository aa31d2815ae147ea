import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { testCli } from '../testing/test-cli.ts';
import { healthUrl } from './health-command.ts';

let server: Server;
let answer: { status: number; text: string };
let asked: string[];
/** In the place of the answer. */
let given: ((response: ServerResponse) => unknown) | undefined;
let port: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (given !== undefined) return given(response);
    response.statusCode = answer.status;
    return response.end(answer.text);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = String((server.address() as AddressInfo).port);
});
beforeEach(() => {
  asked = [];
  given = undefined;
  answer = { status: 200, text: '{"status":"ready"}' };
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const health = (env: Record<string, string>, ...args: readonly string[]) => {
  const cli = testCli();
  cli.env = env;
  return cli.run('health', ...args);
};

describe('assent health (OPS-69)', () => {
  test('asks the management port where there is one, and says yes', async () => {
    const result = await health({ ASSENT_MANAGEMENT_PORT: port, ASSENT_MANAGEMENT_HOST: '0.0.0.0' });
    expect(result).toMatchObject({ code: 0, stdout: 'ready\n', stderr: '' });
    expect(asked).toEqual(['/health/ready']);
  });

  test('asks beside the pages, below the path of the public URL, where there is none', async () => {
    answer = { status: 503, text: '{"status":"store unavailable"}' };
    const result = await health({ ASSENT_PORT: port, ASSENT_PUBLIC_URL: 'https://login.example.com/sso/' });
    expect(result).toMatchObject({ code: 1, stdout: 'not ready: store unavailable\n' });
    expect(asked).toEqual(['/sso/health/ready']);
  });

  test.each([
    [
      'breaks off',
      (response: ServerResponse) =>
        response.writeHead(200, { 'content-length': 100 }).write('x', () => response.destroy()),
      3,
    ],
    [
      'is not what it says',
      (response: ServerResponse) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip'),
      3,
    ],
    ['has no end', (response: ServerResponse) => response.write('x'.repeat(100_000)), 0],
  ])('is not held up or ended by an answer that %s', async (_what, give, code) => {
    given = give;
    expect(await health({}, '--url', `http://127.0.0.1:${port}/am/health`)).toMatchObject({
      code,
      stderr: code === 0 ? '' : expect.stringMatching(/^Nobody answers at http:/),
    });
  });

  test('asks whether it lives, and tells programs', async () => {
    answer = { status: 200, text: '{"status":"live"}' };
    const result = await health({}, '--url', `http://127.0.0.1:${port}/am/health/`, '--live', '--json');
    expect(result.code).toBe(0);
    expect(JSON.parse(result.stdout)).toEqual({ health: { asked: 'live', isWell: true, status: 'live' } });
    expect(asked).toEqual(['/am/health/live']);
  });

  test.each([
    [404, 'Not Found', 'not ready: status 404\n'],
    [302, '', 'not ready: status 302\n'],
    [503, `{"status":"\\u001b[2J${'x'.repeat(500)}"}`, /^not ready: [ -~]{1,110}\n$/],
  ])('says no to an answer of %i, whoever gives it', async (status, text, stdout) => {
    answer = { status, text };
    const result = await health({}, '--url', `http://127.0.0.1:${port}/health`);
    expect(result.code).toBe(1);
    expect(result.stdout).toMatch(stdout);
  });

  test('ends with 3 where nobody answers, and with 2 where the address is none', async () => {
    const away = await health({}, '--url', 'http://127.0.0.1:9/health');
    expect(away).toMatchObject({ code: 3, stdout: '' });
    expect(away.stderr).toContain('Nobody answers at http://127.0.0.1:9/health/ready.');
    for (const args of [
      ['--url', 'ready'],
      ['--url', 'file:///etc/passwd'],
    ]) {
      expect(await health({}, ...args)).toMatchObject({ code: 2, stdout: '' });
    }
    expect((await health({ ASSENT_PUBLIC_URL: 'login' })).stderr).toContain('ASSENT_PUBLIC_URL');
  });

  test.each([
    [{}, 'http://127.0.0.1:8080/am/health'],
    [{ ASSENT_HOST: '::', ASSENT_PORT: '9000' }, 'http://[::1]:9000/am/health'],
    [{ ASSENT_HOST: '10.0.0.7', ASSENT_PUBLIC_URL: 'https://login.example.com/' }, 'http://10.0.0.7:8080/health'],
    [{ ASSENT_MANAGEMENT_PORT: '9464', ASSENT_MANAGEMENT_HOST: 'fd00::7' }, 'http://[fd00::7]:9464/health'],
  ])('with %j it is at %s', (env, url) => {
    expect(healthUrl(env)).toBe(url);
  });
});
