import { memoryIdentities, memoryPasswords, runNode, testUserId } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { agentDataStoreDecision } from './agent-data-store-decision.node.ts';

const ports = {
  identities: memoryIdentities({ agent: { AgentType: ['WebAgent'] }, demo: {} }),
  passwords: memoryPasswords({ agent: 'right', demo: 'right', ghost: 'right' }),
};
const run = (state: Record<string, unknown>) => runNode(agentDataStoreDecision, { ports, state });

test('fails when the password was never asked for', async () => {
  await expect(run({ username: 'agent' })).rejects.toThrow(/^Unable to authenticate$/);
});

test('fails when the store does, with the cause', async () => {
  const cause = new Error('disk');
  const passwords = { verify: () => Promise.reject(cause) };
  const broken = runNode(agentDataStoreDecision, { ports: { ...ports, passwords }, state: { password: 'x' } });
  await expect(broken).rejects.toMatchObject({ message: 'Unable to authenticate', cause });
});

test.each([
  ['a wrong password', { username: 'agent', password: 'wrong' }],
  ['a blank password', { username: 'agent', password: '' }],
  ['nobody', { username: 'nobody', password: 'right' }],
  ['no name', { password: 'right' }],
  ['a user who is no agent', { username: 'demo', password: 'right' }],
  ['a user who is gone meanwhile', { username: 'ghost', password: 'right' }],
])('%s is False and identifies nobody', async (_what, state) => {
  const { action, journey } = await run(state);
  expect(action).toMatchObject({ outcome: 'false' });
  expect(journey).toMatchObject({ identified: undefined, proven: [] });
});

test('an agent with the right password is True', async () => {
  const { action, journey, shared } = await run({ username: 'agent', password: 'right' });
  expect(action).toMatchObject({ outcome: 'true' });
  expect(journey.identified).toBe(testUserId('agent'));
  expect(journey.proven).toEqual([{ user: testUserId('agent'), method: 'password' }]);
  expect(shared.universalId).toBe('id=agent,ou=user,ou=services,ou=am-config');
});
