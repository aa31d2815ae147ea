import { expect, test } from 'vitest';
import { parseOAuth2Path, parseRealmPath, realmOfQuery } from './realm-path.ts';

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
  'realms/root/realms',
  'realms',
  'realms/alpha/realms',
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
  ['realms/alpha/authenticate', '/alpha', ['authenticate']],
  ['realms/alpha/realms/b/push/sns/message', '/alpha/b', ['push', 'sns', 'message']],
  ['realms/alpha/push/relay', '/alpha', ['push', 'relay']],
  ['policies', '/', ['policies']],
  ['alpha/policies', '/alpha', ['policies']],
  ['policies/push/sns/message', '/policies', ['push', 'sns', 'message']],
  ['serverinfo/*', '/', ['serverinfo', '*']],
])('%j is split into realm and resource, the first time and from memory (B3)', (path, realm, resource) => {
  expect(parseRealmPath(path)).toEqual({ realm, resource });
  expect(parseRealmPath(path)).toEqual({ realm, resource });
});

test.each([
  ['realms/root/realms/alpha/access_token', '/alpha'],
  ['realms/alpha/access_token', '/alpha'],
  ['realms/alpha/realms/b/access_token', '/alpha/b'],
  ['realms/root/access_token', '/'],
  ['alpha/access_token', '/alpha'],
])('%j of OAuth is in the realm %j (B3)', (path, realm) => {
  expect(parseOAuth2Path(path)).toEqual({ realm, resource: ['access_token'] });
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
