import { memoryIdentities, memoryLog, runNode, simulatedClock, TEST_START } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { parseElapsedTime } from './elapsed-time.ts';
import { timeSinceDecision } from './time-since-decision.node.ts';

const users = {
  demo: { createTimestamp: ['20260115110000Z'], mail: ['demo@example.org'] },
  old: {},
};
const decide = (elapsedTime: string, state: Record<string, unknown> = { username: 'demo' }, config = {}) => {
  const log = memoryLog();
  const ports = { clock: simulatedClock(TEST_START), identities: memoryIdentities(users) };
  return runNode(timeSinceDecision, { ports, log, config: { elapsedTime, ...config }, state });
};

describe('a length of time', () => {
  test.each([
    ['90', 5_400_000],
    ['2 days', 172_800_000],
    ['1 hour and 30 minutes', 5_400_000],
    ['1h, 5min, 10 s', 3_910_000],
    ['250 ms', 250],
    ['Zero', 0],
    ['unlimited', Number.POSITIVE_INFINITY],
  ])('%s is %d ms', (text, millis) => {
    expect(parseElapsedTime(text)).toBe(millis);
  });

  test.each(['', 'soon', '-1 day', '1.5 days', '1 fortnight', '1 day or 2', '1 day and'])('%j is none', (text) => {
    expect(parseElapsedTime(text)).toBeUndefined();
  });
});

test('settings refuse what is no length of time', async () => {
  await expect(decide('soon')).rejects.toThrow('elapsedTime');
});

test('fails where nobody is named', async () => {
  await expect(decide('1 day', {})).rejects.toThrow('userName not present in state');
});

test('fails for a user who does not exist', async () => {
  await expect(decide('1 day', { username: 'nobody' })).rejects.toThrow('Failed to retrieve existing object');
});

test('is False for a user of whom nobody knows, and says so', async () => {
  const { action, log } = await decide('zero', { username: 'old' });
  expect(action).toMatchObject({ outcome: 'false' });
  expect(log.map(({ msg }) => msg)).toEqual(['Create date not defined']);
});

test.each([
  ['59 minutes', 'true'],
  ['60 minutes', 'true'],
  ['61 minutes', 'false'],
  ['61', 'false'],
  ['unlimited', 'false'],
])('an hour after, %s have passed: %s', async (elapsed, outcome) => {
  expect((await decide(elapsed)).action).toMatchObject({ outcome });
});

test('finds the user by another attribute', async () => {
  const state = { objectAttributes: { mail: 'demo@example.org' } };
  expect((await decide('1 minute', state, { identityAttribute: 'mail' })).action).toMatchObject({ outcome: 'true' });
});
