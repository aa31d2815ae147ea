import { expect, test } from 'vitest';
import { CLAIM_NAMES, claimsOf } from './claims.ts';
import { subjectClaims } from './subject.ts';

const demo = {
  id: 'id-1',
  username: 'demo',
  attributes: {
    cn: ['Demo User'],
    givenName: ['Demo'],
    sn: ['User'],
    mail: ['demo@example.org', 'second@example.org'],
    postalAddress: ['1 Main Street'],
    telephoneNumber: ['+49 170 1'],
    preferredLocale: ['de_CH'],
    preferredTimezone: ['Europe/Zurich'],
    inetUserStatus: ['Active'],
    userPassword: ['secret'],
  },
};
const bare = { username: 'bare', attributes: { cn: [''], sn: [' '], givenName: [] } };

const profile = {
  name: 'Demo User',
  given_name: 'Demo',
  family_name: 'User',
  preferred_username: 'demo',
  locale: 'de-CH',
  zoneinfo: 'Europe/Zurich',
};

test.each([
  ['openid', {}],
  ['profile', profile],
  ['email', { email: 'demo@example.org' }],
  ['address', { address: { formatted: '1 Main Street' } }],
  ['phone', { phone_number: '+49 170 1' }],
  ['constructor', {}],
])('the scope %s tells %j', (scope, claims) => {
  expect(claimsOf(demo, [scope])).toEqual(claims);
});

test('what is empty is left out', () => {
  expect(claimsOf(bare, ['openid', 'profile', 'email', 'address', 'phone'])).toEqual({ preferred_username: 'bare' });
});

test('a claim that was asked for by itself is told without its scope, and any other is not', () => {
  const requested = { email: null, phone_number: { essential: true }, name: { value: 'Somebody Else' } };
  expect(claimsOf(demo, ['openid'], requested)).toEqual({
    email: 'demo@example.org',
    phone_number: '+49 170 1',
    name: 'Demo User',
  });
});

test.each(['userPassword', 'inetUserStatus', 'sub', 'acr', '__proto__', 'toString', 'email_verified'])(
  'nobody gets %s by asking for it',
  (name) => {
    expect(claimsOf(demo, ['openid'], { [name]: null })).toEqual({});
  },
);

test('the language of an older attribute does, too', () => {
  expect(claimsOf({ username: 'x', attributes: { preferredlanguage: ['fr'] } }, ['profile'])).toMatchObject({
    locale: 'fr',
  });
});

test('all that there is can be asked for', () => {
  const all = claimsOf(demo, [], Object.fromEntries(CLAIM_NAMES.map((name) => [name, null])));
  expect(Object.keys(all)).toEqual(CLAIM_NAMES);
});

test.each([
  ['id', { sub: 'id-1' }],
  ['username', { sub: 'demo' }],
  ['am', { sub: '(usr!demo)', subname: 'demo' }],
] as const)('a user is called by %s: %j', (subject, claims) => {
  expect(subjectClaims(demo, { subject })).toEqual(claims);
});
