import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { formatApplication } from './application-record.ts';

const { given, body } = JSON.parse(
  readFileSync(new URL('../../golden/oauth/application.json', import.meta.url), 'utf8'),
);

test('an application of a user looks as the golden file says', () => {
  expect(formatApplication(given)).toEqual(body);
});

test('what is not known of one is null where AM has a member, and else absent', () => {
  expect(formatApplication({ clientId: 'app', rev: '1', scopes: [{ name: '__proto__' }] })).toStrictEqual({
    _id: 'app',
    _rev: '1',
    name: null,
    scopes: Object.fromEntries([['__proto__', '__proto__']]),
    expiryDateTime: null,
    logoUri: null,
  });
});
