import { expect, test } from 'vitest';
import { storedOAuthPorts } from '../testing/stored-oauth-ports.ts';
import { subjectOf, userOfSubject } from './subject.ts';

const store = storedOAuthPorts();
const demo = store.addIdentity({ id: 'id-of-demo', username: 'demo', realm: '/alpha' });
store.addIdentity({ id: 'id-of-other', username: '(usr!demo)', realm: '/beta' });

test.each(['id', 'username', 'am'] as const)(
  'whoever a token calls by %s is found by that, in the realm',
  async (subject) => {
    const sub = subjectOf(demo, { subject });
    expect(await userOfSubject('/alpha', sub, { subject }, store.identities)).toEqual(demo);
    expect(await userOfSubject('/gamma', sub, { subject }, store.identities)).toBeUndefined();
  },
);

test.each([
  ['id', 'demo'],
  ['id', '(usr!demo)'],
  ['username', 'id-of-demo'],
  ['username', '(usr!demo)'],
  ['am', 'demo'],
  ['am', '(usr!)'],
  ['am', '(usr!demo) '],
  ['am', 'id-of-demo'],
] as const)('nobody is found by another name than tokens use: %s, %s', async (subject, sub) => {
  expect(await userOfSubject('/alpha', sub, { subject }, store.identities)).toBeUndefined();
});
