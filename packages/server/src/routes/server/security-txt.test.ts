import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadSettings } from '../../settings/load-settings.ts';
import { inject } from '../../testing/inject.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../../testing/steered-server.ts';
import { readSecurityTxt } from './security-txt.ts';

const directory = mkdtempSync(join(tmpdir(), 'assent-security-txt-'));
const file = join(directory, 'security.txt');
const DAY = 86_400_000;
const textOf = (contact: string, expiresAt: number) =>
  `# Of this installation\nContact: ${contact}\nExpires: ${new Date(expiresAt).toISOString()}\n`;
const GOOD = textOf('mailto:security@example.com', Date.now() + DAY);

let server: SteeredServer;
beforeAll(async () => {
  writeFileSync(file, GOOD);
  server = await steeredServer({ port: 18_497, securityTxt: file });
});
afterAll(async () => {
  await server.assent.stop();
  rmSync(directory, { recursive: true, force: true });
});

const asked = (method: 'GET' | 'HEAD' | 'POST' = 'GET', of = server, headers = {}) =>
  inject(of.assent, {
    method,
    url: '/.well-known/security.txt',
    headers: { host: new URL(of.assent.publicUrl).host, ...headers },
  });
const reload = () =>
  server.assent.reload(() =>
    loadSettings({
      flags: { port: 18_497, databaseUrl: 'memory:', seed: 'demo', securityTxt: file },
      env: {
        ASSENT_ADMIN_PASSWORD: TEST_ADMINISTRATOR.password,
        ASSENT_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
      },
    }),
  );

test('what the operator has written is at the root of the host, as text (RFC 9116, OPS-72)', async () => {
  const { statusCode, headers, body } = await asked();
  expect([statusCode, headers['content-type'], body]).toEqual([200, 'text/plain; charset=utf-8', GOOD]);
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect((await asked('HEAD')).statusCode).toBe(200);
  expect((await asked('POST')).statusCode).toBe(404);
  expect((await asked('GET', server, { host: 'evil.example' })).statusCode).toBe(400);
});

test('there is none where nobody has set one', async () => {
  const bare = await steeredServer({ port: 18_496 });
  expect((await asked('GET', bare)).statusCode).toBe(404);
  await bare.assent.stop();
});

test('another text counts after a reload, and a broken one leaves the one before (OPS-59)', async () => {
  writeFileSync(file, 'Contact: nobody\n');
  await reload();
  expect(server.logged().at(-1)).toMatchObject({ level: 'error', problems: [expect.stringContaining('no Contact')] });
  expect((await asked()).body).toBe(GOOD);
  const next = textOf('https://example.com/report', server.clock.now() + DAY);
  writeFileSync(file, next);
  await reload();
  expect((await asked()).body).toBe(next);
});

test('it is gone from the moment at which it expires, and ends no server', async () => {
  server.clock.advance(DAY - 1);
  expect((await asked()).statusCode).toBe(200);
  server.clock.advance(1);
  expect((await asked()).statusCode).toBe(404);
  await reload();
  expect(server.logged().at(-1)).toMatchObject({ level: 'info' });
});

test.each([
  ['Expires: 2027-06-30T00:00:00Z', /has no Contact/],
  ['Contact: security@example.com\nExpires: 2027-06-30T00:00:00Z', /has no Contact/],
  ['Contact: http://example.com\nExpires: 2027-06-30T00:00:00Z', /has no Contact/],
  ['Contact: mailto:a@example.com', /has no Expires/],
  ['Contact: mailto:a@example.com\nExpires: 2027-06-30', /no date of RFC 3339: "2027-06-30"/],
  ['Contact: mailto:a@example.com\nExpires: 2027-13-30T00:00:00Z', /no date of RFC 3339/],
  [
    'Contact: mailto:a@example.com\nExpires: 2027-06-30T00:00:00Z\nexpires: 2028-06-30T00:00:00Z',
    /more than one Expires/,
  ],
  [
    `Contact: mailto:a@example.com\nExpires: 2027-06-30T00:00:00Z\n#${'x'.repeat(32_768)}`,
    /is larger than 32768 bytes/,
  ],
])('a server is not started with one that says %j', (text, problem) => {
  const wrong = join(directory, 'wrong.txt');
  writeFileSync(wrong, text);
  expect(() => readSecurityTxt(wrong)).toThrow(problem);
  expect(() => readSecurityTxt(wrong)).toThrow('ASSENT_SECURITY_TXT names');
});

test('a server is not started with one that is not there, or is a folder', () => {
  expect(() => readSecurityTxt(join(directory, 'none'))).toThrow('cannot be read (ENOENT)');
  expect(() => readSecurityTxt(directory)).toThrow('is no plain file');
});

test('lines may end as on Windows, and fields be written in any case', () => {
  writeFileSync(join(directory, 'windows'), 'contact: tel:+43-1-2345\r\nEXPIRES: 2027-06-30T00:00:00+02:00\r\n');
  expect(readSecurityTxt(join(directory, 'windows')).expiresAt).toBe(Date.parse('2027-06-29T22:00:00Z'));
});
