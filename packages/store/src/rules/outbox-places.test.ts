import { MAX_WAITING_OF_RECIPIENT, type OutboxEntry } from '@assent/engine/host';
import { expect, test } from 'vitest';
import { type FoundInOutbox, toCount, withPlaces } from './outbox-places.ts';

const entry = (id: string, given: Partial<OutboxEntry> = {}): OutboxEntry => ({
  id,
  kind: 'notice',
  realm: '/alpha',
  recipient: 'app',
  payload: '{}',
  ...given,
});
const EMPTY: FoundInOutbox = { ids: [], ofRecipients: [], ofUsers: [] };
const idsOf = ({ placed, lost }: ReturnType<typeof withPlaces>) => [
  placed.map(({ id }) => id),
  lost.map(({ id }) => id),
];

test('a recipient gets the places that are left, in the order of the entries, and others all the same (SEC-93)', () => {
  const entries = [entry('a'), entry('b'), entry('other', { recipient: 'other' }), entry('c')];
  const found = { ...EMPTY, ofRecipients: [MAX_WAITING_OF_RECIPIENT - 2, 0] };
  expect(idsOf(withPlaces(entries, found))).toEqual([['a', 'b', 'other'], ['c']]);
});

test('an entry that is there, or comes twice, takes no place and is not lost (SEC-93)', () => {
  const entries = [entry('there'), entry('a'), entry('a'), entry('b'), entry('there')];
  const found = { ...EMPTY, ids: ['there'], ofRecipients: [MAX_WAITING_OF_RECIPIENT - 1] };
  expect(idsOf(withPlaces(entries, found))).toEqual([['a'], ['b']]);
});

test('a user has as many entries of a kind as each entry says (SEC-93)', () => {
  const of = (id: string, userId: string, kind = 'notice') => entry(id, { userId, kind, mostOfUser: 2 });
  const unbounded = entry('unbounded', { userId: 'user-1' });
  const entries = [of('a', 'user-1'), unbounded, of('b', 'user-1'), of('c', 'user-1', 'alert'), of('d', 'user-2')];
  expect(toCount(entries).users.map(({ userId, kind }) => [userId, kind])).toEqual([
    ['user-1', 'notice'],
    ['user-1', 'alert'],
    ['user-2', 'notice'],
  ]);
  expect(idsOf(withPlaces(entries, { ...EMPTY, ofUsers: [0, 0, 2] }))).toEqual([
    ['a', 'unbounded', 'c'],
    ['b', 'd'],
  ]);
});

test('each recipient is counted once, however many entries are for it (SEC-93)', () => {
  const entries = Array.from({ length: 1_000 }, (_, at) => entry(`entry-${at}`, { recipient: `app-${at % 5}` }));
  expect(toCount(entries).recipients.map(({ recipient }) => recipient)).toEqual(
    [0, 1, 2, 3, 4].map((at) => `app-${at}`),
  );
  expect(toCount(entries).users).toEqual([]);
  const [placed, lost] = idsOf(withPlaces(entries, EMPTY));
  expect([placed?.length, lost?.length]).toEqual([1_000, 0]);
});
