import { textOutputCallback } from '@assent/engine';
import { memoryIdentities, runNode } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { displayUserName } from './display-user-name.node.ts';

const ports = { identities: memoryIdentities({ demo: { mail: ['demo@example.org'], cn: ['Demo User'] } }) };
const run = (objectAttributes: object, config = {}) =>
  runNode(displayUserName, { ports, config, state: { objectAttributes } });

test('fails for a user who does not exist', async () => {
  await expect(run({ mail: 'nobody@example.org' })).rejects.toThrow('Failed to retrieve existing object');
});

test('fails where the user has no such name', async () => {
  await expect(run({ mail: 'demo@example.org' }, { userName: 'displayName' })).rejects.toThrow(
    'Unable to find username to display',
  );
});

test.each([
  ['that was collected', { userName: 'collected', mail: 'demo@example.org' }, {}, 'collected'],
  ['of the user who was found', { mail: 'demo@example.org' }, {}, 'demo'],
  ['that is another attribute', { mail: 'demo@example.org' }, { userName: 'cn' }, 'Demo User'],
  ['found by another attribute', { cn: 'demo user' }, { identityAttribute: 'cn' }, 'demo'],
])('shows the name %s, then goes on', async (_what, collected, config, message) => {
  const first = await run(collected, config);
  expect(first.callbacks).toEqual([textOutputCallback({ message, messageType: 0 })]);
  expect((await first.again()).action).toMatchObject({ outcome: 'outcome' });
});
