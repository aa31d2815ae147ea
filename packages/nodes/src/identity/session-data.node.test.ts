import type { Session } from '@assent/engine';
import { fakeRequest, runNode, TEST_START } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { sessionData } from './session-data.node.ts';

const session: Session = {
  tokenHash: 'hash',
  handle: 'handle',
  sid: 'sid',
  realm: '/alpha',
  userId: 'id-of-demo',
  username: 'demo',
  properties: { AuthLevel: '5', company: 'Acme', UserToken: 'forged' },
  createdAt: TEST_START,
  lastUsedAt: TEST_START,
  maxExpiresAt: TEST_START + 1,
  maxIdleMillis: 1,
};
const run = (sessionDataKey: string, given: Session | undefined = session, sharedStateKey = 'userName') =>
  runNode(sessionData, {
    config: { sessionDataKey, sharedStateKey },
    request: fakeRequest(given && { session: given }),
    state: { objectAttributes: { mail: 'demo@example.org' } },
  });

test.each([
  ['sessionDataKey', { sessionDataKey: '', sharedStateKey: 'x' }],
  ['sharedStateKey', { sessionDataKey: 'x', sharedStateKey: '' }],
])('settings need a %s', async (name, config) => {
  await expect(runNode(sessionData, { config })).rejects.toThrow(name);
});

test.each([
  ['there is no session', 'UserToken', undefined],
  ['the session has no such property', 'toString', session],
])('goes on and changes nothing where %s', async (_what, key, given) => {
  const request = fakeRequest(given && { session: given });
  const config = { sessionDataKey: key, sharedStateKey: 'userName' };
  const { action, shared } = await runNode(sessionData, { config, request });
  expect(action).toMatchObject({ outcome: 'outcome' });
  expect(shared).toEqual({});
});

test.each([
  ['UserToken', 'demo'],
  ['UserId', 'demo'],
  ['company', 'Acme'],
  ['AuthLevel', '5'],
  ['Organization', '/alpha'],
  ['authInstant', '2026-01-15T12:00:00Z'],
  ['sun.am.UniversalIdentifier', 'id=demo,ou=user,o=alpha,ou=services,ou=am-config'],
])('takes %s, which is %s, and no token', async (key, value) => {
  const { shared } = await run(key);
  expect(shared).toEqual({ userName: value, objectAttributes: { mail: 'demo@example.org', userName: value } });
});
