import { FACTOR_INSTANT } from '@assent/engine/host';
import { expect, test } from 'vitest';
import { hasFreshDeviceFactor } from './access.ts';

const NOW = Date.UTC(2026, 11, 7);
const sessionAt = (instant: string | undefined) => ({
  properties: { NodeType: 'AuthenticatorPush', ...(instant !== undefined && { [FACTOR_INSTANT]: instant }) },
});

test.each([
  ['5 minutes ago', -300_000, false],
  ['5 minutes ago, less 1 millisecond', -299_999, true],
  ['now', 0, true],
  // Instances of a cluster have clocks of their own.
  ['in 5 seconds', 5_000, true],
  ['in 5 seconds and 1 millisecond', 5_001, false],
  ['in 1 hour', 3_600_000, false],
])('a factor that was used %s is recent within 5 minutes and not in the future (SEC-51)', (_when, age, isRecent) => {
  expect(hasFreshDeviceFactor(sessionAt(new Date(NOW + age).toISOString()), NOW)).toBe(isRecent);
});

test.each(['', 'yesterday', undefined])('a factor without a time that can be read is not recent: %s', (instant) => {
  expect(hasFreshDeviceFactor(sessionAt(instant), NOW)).toBe(false);
});
