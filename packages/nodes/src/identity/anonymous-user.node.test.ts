import { memoryIdentities, runNode, testUserId } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { anonymousUser } from './anonymous-user.node.ts';

const ports = { identities: memoryIdentities({ anonymous: {}, Visitor: {} }) };

test('fails where the realm has no such user, and names the user', async () => {
  await expect(runNode(anonymousUser, { ports, config: { anonymousUserName: 'nobody' } })).rejects.toThrow(
    'Anonymous user name could not be found in the realm: nobody',
  );
});

test('settings refuse an empty name', async () => {
  await expect(runNode(anonymousUser, { ports, config: { anonymousUserName: '' } })).rejects.toThrow(
    'anonymousUserName',
  );
});

test.each([
  ['anonymous', {}],
  ['Visitor', { anonymousUserName: 'visitor' }],
])('anybody becomes %s, and the session says how', async (name, config) => {
  const { action, journey, shared } = await runNode(anonymousUser, { ports, config });
  expect(action).toMatchObject({ outcome: 'outcome' });
  expect(journey).toMatchObject({ identified: testUserId(name), nodeTypes: ['Anonymous'], proven: [] });
  expect(shared).toMatchObject({ username: name, universalId: `id=${name},ou=user,ou=services,ou=am-config` });
});
