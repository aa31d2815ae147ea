import { expect, test } from 'vitest';
import { parseRealmPath, realmOfQuery } from './realm-path.ts';

test.each([
  'realms/root/..;/authenticate',
  'realms/root/%2e%2e/authenticate',
  'a%2fb/authenticate',
  'a%5cb/authenticate',
  'a%00/authenticate',
  'a%252e/authenticate',
  'a//authenticate',
  'a;x=1/authenticate',
  '%zz/authenticate',
  'realms/alpha/authenticate',
  'realms/root/realms',
  'nothing/known',
  '',
])('%j is no path of the API (SEC-67)', (path) => {
  expect(parseRealmPath(path)).toBeUndefined();
});

test.each([
  ['authenticate', '/', ['authenticate']],
  ['alpha/authenticate', '/alpha', ['authenticate']],
  ['a/b/push/sns/message', '/a/b', ['push', 'sns', 'message']],
  ['realms/root/authenticate', '/', ['authenticate']],
  ['realms/root/realms/a/realms/b/users/x%20y', '/a/b', ['users', 'x y']],
  ['serverinfo/*', '/', ['serverinfo', '*']],
])('%j is split into realm and resource, the first time and from memory', (path, realm, resource) => {
  expect(parseRealmPath(path)).toEqual({ realm, resource });
  expect(parseRealmPath(path)).toEqual({ realm, resource });
});

test('a flood of paths leaves the answers right', () => {
  for (let at = 0; at < 1_000; at += 1) {
    expect(parseRealmPath(`r${at}/sessions`)).toEqual({ realm: `/r${at}`, resource: ['sessions'] });
  }
});

test.each([
  [undefined, undefined],
  ['', undefined],
  ['/', '/'],
  ['alpha', '/alpha'],
  ['/alpha/', '/alpha'],
])('the query realm=%j names %j', (value, realm) => {
  expect(realmOfQuery(value)).toBe(realm);
});
