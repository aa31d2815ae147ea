import { expect, test } from 'vitest';
import { countersOf } from './throttle-subjects.ts';

test('counters of new places, by whatever proof, are among those of a user that are unlocked, exported and erased', () => {
  const counters = countersOf({ id: 'user-1', account: 'account-1' });
  const kinds = ['new-places', 'new-places-by-sent-code', 'new-places-by-password', 'new-places-by-mailbox'];
  expect(counters).toEqual(expect.arrayContaining(kinds.map((kind) => `${kind}:user-1`)));
});

test('counters of changes of the own profile are among those of a user that are exported and erased', () => {
  const counters = countersOf({ id: 'user-1', account: 'account-1' });
  expect(counters).toEqual(expect.arrayContaining(['profile:user-1', 'profile-device:user-1']));
});
