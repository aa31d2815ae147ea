import { createServer, get, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { selfSignedCertificate } from '@assent/push/fakes';
import { afterEach, expect, test } from 'vitest';
import { testCliWithData } from '../testing/test-cli.ts';
import { certificateFinding, checkPublicUrl } from './public-url-check.ts';

// The way from a user's browser to the server: name, certificate, proxy (OPS-51).

const NOW = Date.parse('2026-03-09T12:00:00Z');

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

interface Proxy {
  readonly certificate?: Parameters<typeof selfSignedCertificate>[0];
  /** What the server says of the addresses that the proxy names. */
  readonly forwarded?: string;
  /** What it says to any request but that for its health. */
  readonly status?: number;
}

/** A proxy before an Assent, and a machine that believes its certificate where `isBelieved`. */
const behind = async ({ certificate, forwarded, status = 200 }: Proxy, isBelieved = true) => {
  const made = selfSignedCertificate(certificate);
  const server = createServer({ cert: made.certificate, key: made.key }, ({ url }, response) => {
    const isHealth = url === '/am/health/ready';
    response.writeHead(isHealth ? 200 : status, forwarded === undefined ? {} : { 'x-assent-forwarded': forwarded });
    response.end('{"status":"ready"}');
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const publicUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}/am`;
  const fetchBelieving = (url: string) =>
    new Promise<Response>((resolve, reject) => {
      const request = get(url, { ...(isBelieved && { ca: made.certificate }), agent: false }, (answer) => {
        const headers = new Headers(answer.headers as Record<string, string>);
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () =>
          resolve(new Response(Buffer.concat(chunks), { status: answer.statusCode ?? 0, headers })),
        );
      });
      // As `fetch` has it: what is wrong is the cause.
      request.on('error', (cause) => reject(new TypeError('fetch failed', { cause })));
    });
  return checkPublicUrl({ publicUrl, port: 8080 }, { fetch: fetchBelieving as typeof fetch, now: () => NOW });
};

const summary = (findings: Awaited<ReturnType<typeof behind>>) =>
  findings.map(({ name, status }) => `${name} ${status}`);

test('a proxy that is in order is told so, hop by hop', async () => {
  expect(summary(await behind({ forwarded: 'believed' }))).toEqual(['public URL ok', 'proxy ok', 'proxy ok']);
});

test.each<readonly [string, Proxy, boolean, RegExp, string]>([
  ['has run out', { certificate: { hasRunOut: true } }, true, /CERT_HAS_EXPIRED/, 'renew the certificate'],
  ['is for another name', { certificate: { isOfAnother: true } }, true, /ALTNAME/, 'for the name in --public-url'],
  ['is of nobody known', {}, false, /SELF_SIGNED/, 'NODE_EXTRA_CA_CERTS'],
])('a certificate that %s is a problem that says what to change', async (_what, proxy, isBelieved, why, hint) => {
  expect(await behind(proxy, isBelieved)).toEqual([
    {
      name: 'public URL',
      status: 'problem',
      message: expect.stringMatching(why),
      hint: expect.stringContaining(hint),
    },
  ]);
});

test('a proxy that does not pass its name on is a problem that names Host and X-Forwarded-Host', async () => {
  const findings = await behind({ forwarded: 'believed', status: 400 });
  expect(findings).toContainEqual({
    name: 'proxy',
    status: 'problem',
    message: expect.stringContaining('by which name it was called'),
    hint: expect.stringMatching(/Host.*X-Forwarded-Host.*--trusted-proxies/),
  });
});

test.each([
  ['ignored', 'problem', 'set --trusted-proxies (ASSENT_TRUSTED_PROXIES)'],
  [undefined, 'warning', 'let the proxy set X-Forwarded-For'],
])('a proxy whose word on who calls is %s is a %s', async (forwarded, status, hint) => {
  expect(await behind(forwarded === undefined ? {} : { forwarded })).toContainEqual({
    name: 'proxy',
    status,
    message: expect.stringContaining('all users seem to come from its address'),
    hint: expect.stringContaining(hint),
  });
});

test.each([
  ['https://localhost/am', 8080, true],
  ['http://localhost/am', 8080, true],
  ['http://localhost:8000/am', 8080, true],
  ['http://localhost:8080/am', 8080, false],
  ['http://localhost/am', 80, false],
])('at %s there is a proxy before port %d: %s', async (publicUrl, port, isAsked) => {
  const asked: unknown[] = [];
  const fetch = async (url: unknown) => {
    asked.push(url);
    throw new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } });
  };
  const findings = await checkPublicUrl(
    { publicUrl, port },
    { fetch: fetch as typeof globalThis.fetch, now: () => NOW },
  );
  expect(asked).toEqual(isAsked ? [`${publicUrl}/health/ready`] : []);
  expect(summary(findings)).toEqual(isAsked ? ['public URL problem'] : []);
});

test('a public URL that leads nowhere, or to somebody else, is a problem with what to look at', async () => {
  const cli = await testCliWithData();
  const silent = createServer((_request, response) => response.end('{}'));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const told = await cli.run('doctor', '--port', '0', '--public-url', `https://127.0.0.1:${port}/am`);
  expect(told.stdout).toContain('✗ public URL: problem: ');
  await new Promise((resolve) => silent.close(resolve));
  const { stdout } = await cli.run('doctor', '--port', '0', '--public-url', `https://127.0.0.1:${port}/am`);
  expect(stdout).toContain(`${port}/am does not lead to this server from here (ECONNREFUSED)`);
});

test.each([
  [13.9, 'warning', 'It runs out on 2026-03-23, in 13 days.'],
  [-1, 'warning', 'It runs out on 2026-03-08, in -1 days.'],
  [15, 'ok', 'It is good until 2026-03-24.'],
])('a certificate with %d days left', (days, status, message) => {
  expect(certificateFinding(NOW + days * 24 * 3_600_000, NOW)).toMatchObject([{ status, message }]);
});
