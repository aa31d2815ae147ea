import { expect, test } from 'vitest';
import { CREATED_ATTRIBUTE, creationAttributes, parseGeneralizedTime } from './accounts.ts';

test('a time is spelled to the second, in UTC', () => {
  expect(creationAttributes(Date.UTC(2026, 0, 5, 4, 3, 2, 999))).toEqual({ [CREATED_ATTRIBUTE]: ['20260105040302Z'] });
});

test.each([
  ['20260105040302Z', Date.UTC(2026, 0, 5, 4, 3, 2)],
  ['20260105040302.5Z', Date.UTC(2026, 0, 5, 4, 3, 2, 500)],
  ['20260105040302,123456Z', Date.UTC(2026, 0, 5, 4, 3, 2, 123)],
  ['2026010504Z', Date.UTC(2026, 0, 5, 4)],
  ['202601050403+0130', Date.UTC(2026, 0, 5, 2, 33)],
  ['202601050403-01', Date.UTC(2026, 0, 5, 5, 3)],
])('%s is read', (text, millis) => {
  expect(parseGeneralizedTime(text)).toBe(millis);
});

test.each(['', '2026', '20261305040302Z', '20260105040302', '2026-01-05T04:03:02Z', 'never'])(
  '%j is no time',
  (text) => {
    expect(parseGeneralizedTime(text)).toBeUndefined();
  },
);
