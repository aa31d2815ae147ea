import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { matchesRevision, pickFields } from './query-result.ts';
import { formatOathProfile, formatPushProfile, formatUser, parseUser } from './user.ts';

const golden = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../golden/user/${name}.json`, import.meta.url), 'utf8'));

test('a user, a phone and a generator look as the golden files say', () => {
  const user = golden('user');
  expect(formatUser(user.given)).toEqual(user.body);
  const push = golden('push-profile');
  expect(JSON.parse(formatPushProfile(push.given))).toEqual(push.body);
  const oath = golden('oath-profile');
  expect(JSON.parse(formatOathProfile(oath.given))).toEqual(oath.body);
});

test('an attribute cannot pass itself off as a name, a revision or a state', () => {
  const { given, body } = golden('user');
  const attributes = { ...given.attributes, _id: ['x'], _rev: ['9'], username: ['x'], realm: ['/'], uid: ['x'] };
  expect(formatUser({ ...given, attributes })).toEqual(body);
});

test.each([[null], ['x'], [[]]])('%j is no body of a user', (body) => {
  expect(parseUser(body)).toHaveProperty('reason');
});

test('what a body says is read in AM’s spellings', () => {
  const body = {
    _id: 'x',
    username: 'demo',
    userPassword: ['secret'],
    inetUserStatus: ['Inactive'],
    sn: 'Doe',
    cn: null,
  };
  expect(parseUser(body)).toEqual({
    change: { username: 'demo', password: 'secret', active: false, attributes: { sn: ['Doe'], cn: [] } },
  });
});

test('_fields picks members and keeps id and revision', () => {
  const record = { _id: 'a', _rev: '1', sn: ['x'], cn: ['y'] };
  expect(pickFields(record, '/sn, nothing')).toEqual({ _id: 'a', _rev: '1', sn: ['x'] });
  for (const all of [undefined, '', '*']) expect(pickFields(record, all)).toEqual(record);
});

test.each([
  [undefined, true],
  ['*', true],
  ['"1"', true],
  ['W/"1"', true],
  ['1', true],
  ['"0", "1"', true],
  ['"2"', false],
  ['', false],
])('If-Match %j against the revision 1: %s', (header, expected) => {
  expect(matchesRevision(header, '1')).toBe(expected);
});

test('a value with more combining characters in a row than any language has is refused by the name of its attribute (SEC-94)', () => {
  const value = (length: number) => ({ sn: ['Doe', `a${'\u0301'.repeat(length)}`] });
  expect(parseUser(value(30))).toEqual({ change: { attributes: value(30) } });
  expect(parseUser(value(31))).toEqual({
    field: 'sn',
    reason: 'sn has a value with more than 30 combining characters in a row. Remove some of them.',
  });
});
