import { memoryIdentities, runNode } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { accountActiveDecision } from './account-active-decision.node.ts';

const ports = { identities: memoryIdentities({ demo: {}, gone: { inetUserStatus: ['Inactive'] } }) };

test.each([[{}], [{ username: 'nobody' }]])('fails without a user (%j)', async (state) => {
  await expect(runNode(accountActiveDecision, { ports, state })).rejects.toThrow('Failed to get the identity object');
});

test('fails where the user cannot be read', async () => {
  const identities = { ...ports.identities, find: () => Promise.reject(new Error('disk')) };
  await expect(runNode(accountActiveDecision, { ports: { identities }, state: { username: 'demo' } })).rejects.toThrow(
    'Failed to get the identity object',
  );
});

test.each([
  ['demo', 'true'],
  ['gone', 'false'],
])('%s leads to %s', async (username, outcome) => {
  const { action } = await runNode(accountActiveDecision, { ports, state: { username } });
  expect(action).toEqual({ kind: 'goTo', outcome });
});
