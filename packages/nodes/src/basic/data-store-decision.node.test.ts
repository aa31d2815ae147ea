import { JourneyError } from '@assent/engine';
import { memoryPasswords, runNode, testUserId } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { dataStoreDecision } from './data-store-decision.node.ts';

const ports = { passwords: memoryPasswords({ Demo: 'right' }) };
const run = (state: Record<string, unknown>) => runNode(dataStoreDecision, { ports, state });

test('fails when the password was never asked for, or was lost on the way', async () => {
  await expect(run({ username: 'demo' })).rejects.toThrow(/^Unable to authenticate$/);
});

test('fails when the store does, with the cause', async () => {
  const cause = new Error('disk');
  const failing = { passwords: { verify: () => Promise.reject(cause) } };
  const broken = runNode(dataStoreDecision, { ports: failing, state: { username: 'demo', password: 'right' } });
  await expect(broken).rejects.toMatchObject({ message: 'Unable to authenticate', cause });
});

test('lets an overloaded server say so instead of ending the journey', async () => {
  const overloaded = new JourneyError('OVERLOADED', { retryAfterSeconds: 1 });
  const failing = { passwords: { verify: () => Promise.reject(overloaded) } };
  const busy = runNode(dataStoreDecision, { ports: failing, state: { username: 'demo', password: 'right' } });
  await expect(busy).rejects.toBe(overloaded);
});

test.each([
  ['a wrong password', { username: 'demo', password: 'wrong' }],
  ['a blank password', { username: 'demo', password: '' }],
  ['an unknown user', { username: 'nobody', password: 'right' }],
  ['no user at all', { password: 'right' }],
])('%s is False and identifies nobody', async (_what, state) => {
  const { action, journey, state: after } = await run(state);
  expect(action).toMatchObject({ kind: 'goTo', outcome: 'false' });
  expect(journey).toMatchObject({ identified: undefined, proven: [] });
  expect(after).not.toHaveProperty('universalId');
});

test('a blank password is False even where the store takes it', async () => {
  const lax = { passwords: memoryPasswords({ demo: '' }) };
  const { action, journey } = await runNode(dataStoreDecision, {
    ports: lax,
    state: { username: 'demo', password: '' },
  });
  expect(action).toMatchObject({ outcome: 'false' });
  expect(journey).toMatchObject({ identified: undefined, proven: [] });
});

test('an unknown user costs a check like any other (SEC-59)', async () => {
  const asked: string[] = [];
  const counting = {
    passwords: {
      verify: async (name: string) => {
        asked.push(name);
        return { status: 'wrong' as const };
      },
    },
  };
  await runNode(dataStoreDecision, { ports: counting, state: { password: 'x' } });
  expect(asked).toEqual(['']);
});

test('the right password is True and identifies the user', async () => {
  const { action, journey, state } = await run({ username: 'demo', password: 'right' });
  expect(action).toMatchObject({ kind: 'goTo', outcome: 'true' });
  expect(journey.identified).toBe(testUserId('demo'));
  expect(journey.proven).toEqual([{ user: testUserId('demo'), method: 'password' }]);
  expect(state.universalId).toBe('id=Demo,ou=user,ou=services,ou=am-config');
});
