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
  ['/am/json/alpha/authenticate?realm=a&realm=b', '/alpha'],
])('%s is in the realm %s', (url, realmPath) => {
  const addresses = new Addresses(PREFIX);
  expect(addresses.read(url)?.realmPath).toBe(realmPath);
  expect(addresses.read(url)?.realmPath).toBe(realmPath);
});

test.each(['/am/json/a%2fb/authenticate', '/am/json/', '/am/json/?x=1'])('%s is no address of the API', (url) => {
  expect(new Addresses(PREFIX).read(url)).toBeUndefined();
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
