import { expect, test } from 'vitest';
import { timeOrderedUuid } from './time-ordered-uuid.ts';

const random = {
  bytes: (length: number) => new Uint8Array(length),
  int: () => 0,
  uuid: () => '919108f7-52d1-4320-9bac-f847db4148a8',
};

test('a UUID that begins with the time is of version 7 (RFC 9562 §5.7)', () => {
  // The test vector of RFC 9562, appendix A.6, but for its random bits.
  expect(timeOrderedUuid(random, 0x017f22e279b0)).toBe('017f22e2-79b0-7320-9bac-f847db4148a8');
});

test('a later one is sorted after an earlier one', () => {
  const times = [0, 1, 255, 256, 1_700_000_000_000, 1_700_000_000_001];
  const ids = times.map((at) => timeOrderedUuid(random, at));
  expect(ids.toSorted()).toEqual(ids);
});
