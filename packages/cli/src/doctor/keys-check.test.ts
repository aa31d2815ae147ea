import type { KeyState, Store } from '@assent/store';
import { expect, test } from 'vitest';
import { checkKeys } from './keys-check.ts';

const NOW = 1_800_000_000_000;
const DAY = 24 * 60 * 60_000;

const look = (...states: readonly KeyState[]) =>
  checkKeys({ keys: { list: async () => states } as unknown as Store['keys'] }, NOW);
const key = (status: KeyState['status'], days: number): KeyState => ({
  kind: 'auth-id',
  id: 2,
  status,
  createdAt: NOW - days * DAY,
  since: NOW - days * DAY,
});

test.each<[KeyState['status'], number, string]>([
  ['next', 2, 'was announced 2 days ago'],
  ['retired', 31, 'is out of use for 31 days'],
  ['active', 401, 'is 401 days old'],
])('a key that is %s for %i days is told of, with what to do (SEC-75, SEC-76)', async (status, days, message) => {
  expect(await look(key(status, days))).toEqual([
    {
      name: 'keys',
      status: 'warning',
      message: expect.stringContaining(message),
      hint: expect.stringContaining('assent'),
    },
  ]);
});

test('keys that are as they should be are one line', async () => {
  expect(await look(key('next', 0), key('retired', 29), key('active', 399), key('retiring', 999))).toMatchObject([
    { status: 'ok', message: 'None of 4 is old, or waits.' },
  ]);
});
