import { fakeRequest, runNode } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { zeroPageLogin } from './zero-page-login.node.ts';

const run = (headers: Record<string, string | readonly string[]>, config = {}) =>
  runNode(zeroPageLogin, { config, request: fakeRequest({ headers }) });
const both = { 'x-openam-username': 'demo', 'x-openam-password': 'secret' };

test.each(['usernameHeader', 'passwordHeader'])('settings refuse no name for %s', async (name) => {
  await expect(run({}, { [name]: '' })).rejects.toThrow(name);
});

test.each([['x-openam-username'], ['x-openam-password']])('fails for two headers %s', async (name) => {
  await expect(run({ ...both, [name]: ['demo', 'other'] })).rejects.toThrow(
    'Expecting only one header value for username and/or password but size is 2',
  );
});

test.each([
  ['x-openam-username', 256, 'X-OpenAM-Username'],
  ['x-openam-password', 2_048, 'X-OpenAM-Password'],
])('takes no more of %s than a page does, which is %i characters (SEC-46, SEC-60)', async (header, longest, name) => {
  expect((await run({ ...both, [header]: 'x'.repeat(longest) })).action).toMatchObject({ outcome: 'true' });
  await expect(run({ ...both, [header]: 'x'.repeat(longest + 1) })).rejects.toThrow(
    `The header ${name} is longer than ${longest} characters`,
  );
});

test('has no credentials without the headers', async () => {
  const { action, state } = await run({ authorization: 'Basic x' });
  expect(action).toMatchObject({ outcome: 'false' });
  expect(state).toEqual({});
});

test.each([
  ['none', undefined],
  ['another', 'https://evil.example/'],
  ['one that only begins like it', 'https://app.example/login?x'],
])('has no credentials with %s as Referer, where the list counts', async (_what, referer) => {
  const config = { allowWithoutReferer: false, referrerWhiteList: ['https://app.example/login'] };
  const { action, state } = await run({ ...both, ...(referer && { referer }) }, config);
  expect(action).toMatchObject({ outcome: 'false' });
  expect(state).toEqual({});
});

test('takes name and password, the password as a secret', async () => {
  const { action, shared, transient } = await run(both);
  expect(action).toMatchObject({ outcome: 'true' });
  expect(shared).toEqual({ username: 'demo' });
  expect(transient).toEqual({ password: 'secret' });
});

test.each([
  ['the name alone', { 'x-openam-username': 'demo' }, { username: 'demo' }],
  ['the password alone', { 'x-openam-password': 'secret' }, { password: 'secret' }],
])('takes %s', async (_what, headers, state) => {
  const result = await run(headers);
  expect(result.action).toMatchObject({ outcome: 'true' });
  expect(result.state).toEqual(state);
});

test('looks at the headers that the settings name, and at the Referer only where it counts', async () => {
  const config = { usernameHeader: 'X-Name', passwordHeader: 'X-Word', referrerWhiteList: ['https://app.example/'] };
  expect((await run(both, config)).action).toMatchObject({ outcome: 'false' });
  const { state } = await run({ 'x-name': 'demo', 'x-word': 'secret' }, config);
  expect(state).toEqual({ username: 'demo', password: 'secret' });
  const listed = { ...both, referer: 'https://app.example/' };
  const strict = { allowWithoutReferer: false, referrerWhiteList: ['https://app.example/'] };
  expect((await run(listed, strict)).action).toMatchObject({ outcome: 'true' });
});

test.each([
  ['=?UTF-8?B?TcO8bGxlcg==?=', 'Müller'],
  ['=?utf-8?Q?M=C3=BCller_A?=', 'Müller A'],
  ['=?iso-8859-1?q?M=FCller?=', 'Müller'],
  ['=?UTF-8?B?TcO8?= =?UTF-8?B?bGxlcg==?=', 'Müller'],
  ['=?koi8-r?B?xx==?=', '=?koi8-r?B?xx==?='],
  ['=?utf-8?B?*?=', '*'],
  ['a=b?c', 'a=b?c'],
])('reads %s as %s (RFC 2047)', async (header, name) => {
  expect((await run({ 'x-openam-username': header })).shared).toEqual({ username: name });
});
