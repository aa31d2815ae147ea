import { runNode } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { setCustomCookie } from './set-custom-cookie.node.ts';

const needed = { name: 'theme', value: 'dark' };

test.each([
  ['name', ''],
  ['name', 'a b'],
  ['name', 'a=b'],
  ['name', 'a\r\nSet-Cookie: b'],
  ['value', 'a;b'],
  ['value', 'a\nb'],
  ['value', 'ä'],
  ['value', '"a"'],
  ['maxAge', -2],
  ['maxAge', 34_560_001],
  ['domain', 'a b'],
  ['domain', 'a.example; Path=/'],
  ['path', 'am'],
  ['path', '/a;b'],
  ['path', '/a\nb'],
  ['sameSite', 'lax'],
])('settings refuse %s %j', (name, value) => {
  const { error } = setCustomCookie.config.safeParse({ ...needed, [name]: value });
  expect(error?.issues.map(({ path }) => path.join('.'))).toEqual([name]);
});

test('a cookie of the server’s own is refused when the node is reached', async () => {
  await expect(runNode(setCustomCookie, { config: { name: 'session', value: 'stolen' } })).rejects.toThrow(
    'The cookie "session" belongs to the server.',
  );
});

test('sets what its settings name, for as long as the browser runs', async () => {
  const { action, journey } = await runNode(setCustomCookie, { config: needed });
  expect(action).toMatchObject({ outcome: 'outcome' });
  expect(journey.cookies).toEqual([{ name: 'theme', value: 'dark', secure: false, httpOnly: false, sameSite: 'lax' }]);
});

test.each([null, -1])('a setting without a value is none, nor is a maximum age of %s (B5)', async (maxAge) => {
  const { journey } = await runNode(setCustomCookie, { config: { ...needed, maxAge, domain: '', path: '' } });
  expect(journey.cookies).toEqual([{ name: 'theme', value: 'dark', secure: false, httpOnly: false, sameSite: 'lax' }]);
});

test.each([
  ['maxAge', 0, { maxAgeSeconds: 0 }],
  ['maxAge', 60, { maxAgeSeconds: 60 }],
  ['domain', 'example.org', { domain: 'example.org' }],
  ['path', '/am', { path: '/am' }],
  ['useSecureCookie', true, { secure: true }],
  ['useHttpOnlyCookie', true, { httpOnly: true }],
  ['sameSite', 'STRICT', { sameSite: 'strict' }],
  ['sameSite', 'NONE', { sameSite: 'none' }],
])('%s %s sets %j', async (name, value, expected) => {
  const { journey } = await runNode(setCustomCookie, { config: { ...needed, [name]: value } });
  expect(journey.cookies[0]).toMatchObject(expected);
});
