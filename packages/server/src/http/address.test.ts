import { expect, test } from 'vitest';
import { Addresses } from './address.ts';

const PREFIX = '/am/json/';
const START = '/am/json/alpha/authenticate?authIndexType=service&authIndexValue=Login';

test('an address says realm, resource, query and how large a body may be, the first time and from memory', () => {
  const addresses = new Addresses(PREFIX);
  const first = addresses.read(START);
  expect(first).toMatchObject({
    realmPath: '/alpha',
    resource: ['authenticate'],
    query: { authIndexType: 'service', authIndexValue: 'Login' },
    bodyLimits: { bytes: 64 * 1024 },
  });
  expect(addresses.read(START)).toBe(first);
});

test.each([
  ['/am/json/authenticate?realm=/beta', '/beta'],
  ['/am/json/alpha/authenticate/?realm=beta&locale=de', '/beta'],
  ['/am/json/alpha/authenticate?realm=', '/alpha'],
])('%s is in the realm %s', (url, realmPath) => {
  const addresses = new Addresses(PREFIX);
  expect(addresses.read(url)?.realmPath).toBe(realmPath);
  expect(addresses.read(url)?.realmPath).toBe(realmPath);
});

test.each(['/am/json/a%2fb/authenticate', '/am/json/', '/am/json/?x=1'])('%s is no address of the API', (url) => {
  expect(new Addresses(PREFIX).read(url)).toBeUndefined();
});

test.each([
  ['goto=/a&goto=/b', 'goto'],
  ['realm=a&realm=b', 'realm'],
  ['_fields=a&locale=de&_fields=b', '_fields'],
])('%s is refused, the first time and each time after (A1)', (query, name) => {
  const addresses = new Addresses(PREFIX);
  for (const _ of [0, 1]) {
    expect(() => addresses.read(`/am/json/alpha/authenticate?${query}`)).toThrow(
      `The parameter ${name} is there twice`,
    );
  }
});

test.each([
  ['push/sns/message', 16 * 1024],
  ['alpha/push/sns/message/', 16 * 1024],
  ['realms/alpha/push/sns/message?_action=register', 16 * 1024],
  ['alpha/push/sns/%6dessage', 16 * 1024],
  ['alpha/realm-config/authentication/authenticationtrees/trees/Login', 96 * 1024],
  ['alpha/scripts/x?_prettyPrint=true', 96 * 1024],
  ['alpha/push/relay', 64 * 1024],
])('the body of %s may have %i bytes (A7, design.md §3.3 "sizes")', (path, bytes) => {
  expect(new Addresses(PREFIX).read(`${PREFIX}${path}`)?.bodyLimits.bytes).toBe(bytes);
});

test.each([
  '/am/json/authenticate?suspendedId=secret',
  '/am/json/authenticate?authIndexType=transaction&authIndexValue=secret',
  '/am/json/authenticate?goto=https://app.example.com/?code=secret',
  '/am/json/users/demo?_prettyPrint=true',
  '/am/json/push/relay?mechanismUid=secret',
  `/am/json/authenticate?locale=${'x'.repeat(256)}`,
])('%.70s is read anew each time', (url) => {
  const addresses = new Addresses(PREFIX);
  expect(addresses.read(url)).toEqual(addresses.read(url));
  expect(addresses.read(url)).not.toBe(addresses.read(url));
});

test('a flood of addresses leaves the answers right', () => {
  const addresses = new Addresses(PREFIX);
  for (let at = 0; at < 1_000; at += 1) {
    expect(addresses.read(`/am/json/r${at}/authenticate?locale=l${at}`)).toMatchObject({
      realmPath: `/r${at}`,
      query: { locale: `l${at}` },
    });
  }
});
