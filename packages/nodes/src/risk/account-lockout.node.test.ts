import { identities as identitiesPort } from '@assent/engine';
import { Bindings, FAILURE, identitiesAdapter, SUCCESS } from '@assent/engine/host';
import {
  journeyHarness,
  memoryDirectory,
  memoryIdentities,
  memoryLog,
  runNode,
  simulatedClock,
  testUserId,
} from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { usernameCollector } from '../basic/username-collector.node.ts';
import { choiceCollector } from '../utilities/choice-collector.node.ts';
import { accountLockout } from './account-lockout.node.ts';

const given = (users = { demo: {} }) => ({
  ports: { identities: memoryIdentities(users) },
  state: { username: 'demo' },
});

test('settings refuse another action', async () => {
  const config = { lockAction: 'BLOCK' as 'LOCK' };
  await expect(runNode(accountLockout, { ...given(), config })).rejects.toThrow('lockAction');
});

test.each([[{}], [{ username: ' ' }]])('fails without a user name (%j)', async (state) => {
  await expect(runNode(accountLockout, { ...given(), state })).rejects.toThrow(
    'Could not get a valid username from the context',
  );
});

test('fails for a user that does not exist', async () => {
  await expect(runNode(accountLockout, { ...given(), state: { username: 'nobody' } })).rejects.toThrow(
    'Could not find the identity based on the information available on context.',
  );
});

test('fails where the account cannot be written', async () => {
  const identities = { ...memoryIdentities({ demo: {} }), setActive: () => Promise.reject(new Error('disk')) };
  await expect(runNode(accountLockout, { ...given(), ports: { identities } })).rejects.toThrow(
    'An error occurred when trying to lock out the user account',
  );
});

test.each([
  ['LOCK', 'Active', 'Inactive'],
  ['UNLOCK', 'Inactive', 'Active'],
] as const)('%s makes an account that was %s %s', async (lockAction, before, after) => {
  const users = { demo: { inetUserStatus: [before] as readonly string[] } };
  const { action } = await runNode(accountLockout, { ...given(users), config: { lockAction } });
  expect(action).toEqual({ kind: 'goTo', outcome: 'outcome', detail: { lockAction } });
  expect(users.demo.inetUserStatus).toEqual([after]);
});

test.each([
  ['LOCK', 'Active'],
  ['UNLOCK', 'Inactive'],
] as const)(
  '%s goes on with an account with roles that is %s, which stays as it is and is logged (SEC-90)',
  async (lockAction, status) => {
    const users = { demo: { inetUserStatus: [status] as readonly string[], assentRoles: ['helpdesk'] } };
    const log = memoryLog();
    const { action } = await runNode(accountLockout, { ...given(users), log, config: { lockAction } });
    expect(action).toEqual({ kind: 'goTo', outcome: 'outcome', detail: { lockAction } });
    expect(users.demo.inetUserStatus).toEqual([status]);
    const fields = { userId: testUserId('demo'), lockAction };
    expect(log.lines).toMatchObject([{ level: 'warn', fields: { fields } }]);
  },
);

const journey = (lockAction: string, status: string, next: string, roles: readonly string[] = []) => {
  const directory = memoryDirectory({ demo: { inetUserStatus: [status], assentRoles: roles } });
  return journeyHarness({
    nodes: [usernameCollector, accountLockout, choiceCollector],
    trees: {
      Login: {
        entry: 'name',
        nodes: {
          name: { type: 'UsernameCollectorNode', to: { outcome: 'lock' } },
          lock: { type: 'AccountLockoutNode', config: { lockAction }, to: { outcome: next } },
          broken: { type: 'ChoiceCollectorNode' },
        },
      },
    },
    directory,
    bindings: new Bindings().bind(identitiesPort, identitiesAdapter(directory, simulatedClock())),
  });
};

test.each([
  ['ends in Failure', FAILURE, 'LOGIN_FAILED'],
  ['ends in error', 'broken', 'NODE_FAILED'],
  ['would succeed: the account is looked at once more (SEC-58)', SUCCESS, 'ACCOUNT_UNUSABLE'],
])('a lock stands where the journey %s (SEC-58)', async (_what, next, code) => {
  const it = journey('LOCK', 'Active', next);
  await expect(it.answer(await it.begin(), 'demo')).rejects.toMatchObject({ code });
  expect(it.store.other).toEqual([{ type: 'identity.active', id: testUserId('demo'), active: false }]);
  expect(it.store.sessions.size).toBe(0);
});

test.each([
  ['LOCK', 'Active', FAILURE, 'LOGIN_FAILED'],
  ['UNLOCK', 'Inactive', FAILURE, 'LOGIN_FAILED'],
  ['UNLOCK', 'Inactive', SUCCESS, 'ACCOUNT_UNUSABLE'],
])(
  '%s changes no account with roles that is %s, and the answer is that of any other journey (SEC-90)',
  async (lockAction, status, next, code) => {
    const it = journey(lockAction, status, next, ['owner']);
    await expect(it.answer(await it.begin(), 'demo')).rejects.toMatchObject({ code });
    expect(it.store.other).toEqual([]);
    const outcome = lockAction.toLowerCase();
    expect(it.store.audit).toContainEqual(expect.objectContaining({ event: 'LOCKOUT_REFUSED', outcome }));
  },
);

test('an unlock lets the same journey succeed', async () => {
  const it = journey('UNLOCK', 'Inactive', SUCCESS);
  expect(await it.answer(await it.begin(), 'demo')).toMatchObject({ kind: 'success' });
  expect(it.store.other).toEqual([{ type: 'identity.active', id: testUserId('demo'), active: true }]);
});

test('an unlock is dropped where the journey ends in error', async () => {
  const it = journey('UNLOCK', 'Inactive', 'broken');
  await expect(it.answer(await it.begin(), 'demo')).rejects.toMatchObject({ code: 'NODE_FAILED' });
  expect(it.store.other).toEqual([]);
});

test('an account that is as it should be is not written', async () => {
  const it = journey('LOCK', 'Inactive', FAILURE);
  await expect(it.answer(await it.begin(), 'demo')).rejects.toMatchObject({ code: 'LOGIN_FAILED' });
  expect(it.store.other).toEqual([]);
});
