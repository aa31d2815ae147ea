import {
  memoryAccounts,
  memoryIdentities,
  memoryPasswordPolicy,
  memoryPasswords,
  runNode,
  simulatedClock,
  TEST_START,
  type TestUsers,
  testUserId,
} from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { identityStoreDecision } from './identity-store-decision.node.ts';

const set = (attributes: TestUsers[string] = {}) => {
  const users: TestUsers = { Demo: attributes };
  const changed = new Map<string, string>();
  const ports = {
    accounts: memoryAccounts(users, changed),
    clock: simulatedClock(TEST_START),
    identities: memoryIdentities(users),
    passwordPolicy: memoryPasswordPolicy(),
    passwords: memoryPasswords({ Demo: 'right password', lax: '' }),
  };
  const run = (state: Record<string, unknown> = { username: 'demo', password: 'right password' }, config = {}) =>
    runNode(identityStoreDecision, { ports, config, state });
  return { users, changed, run };
};

describe('False, with a word for the client and nobody identified', () => {
  test.each([
    ['a wrong password', { username: 'demo', password: 'wrong' }],
    ['a blank password', { username: 'lax', password: '' }],
    ['no password', { username: 'demo' }],
    ['nobody', { username: 'nobody', password: 'right password' }],
    ['no name', { password: 'right password' }],
  ])('is %s', async (_what, state) => {
    const { action, journey, state: after } = await set().run(state);
    expect(action).toMatchObject({ outcome: 'FALSE' });
    expect(journey).toMatchObject({ identified: undefined, proven: [] });
    expect(journey.sessionOptions.errorMessage).toBe('Login failure');
    expect(after).toEqual(state);
  });
});

test('an account that is not in use is Locked to its owner', async () => {
  const { action, journey } = await set({ inetUserStatus: ['Inactive'] }).run();
  expect(action).toMatchObject({ outcome: 'LOCKED' });
  expect(journey).toMatchObject({
    identified: undefined,
    proven: [],
    sessionOptions: { lockoutMessage: 'User Locked Out.', errorMessage: 'User Locked Out.' },
  });
});

test('and looks like a wrong password to everybody else', async () => {
  const { run } = set({ inetUserStatus: ['Inactive'] });
  expect((await run({ username: 'demo', password: 'wrong' })).action).toMatchObject({ outcome: 'FALSE' });
});

describe('what a directory says of the password (OPS-76)', () => {
  const identity = { id: testUserId('demo'), realm: '/', username: 'Demo', active: true, rev: 1, credentialRev: 1 };
  const told = (status: 'locked' | 'expired' | 'mustChange') => {
    const it = set();
    const ports = {
      accounts: memoryAccounts(it.users, it.changed),
      clock: simulatedClock(TEST_START),
      identities: memoryIdentities(it.users),
      passwordPolicy: memoryPasswordPolicy(),
      passwords: { verify: async () => ({ status, identity: { ...identity, attributes: {} } }) },
    };
    const run = (accounts = ports.accounts) =>
      runNode(identityStoreDecision, {
        ports: { ...ports, accounts },
        config: {},
        state: { username: 'demo', password: 'x' },
      });
    return { ...it, accounts: ports.accounts, run };
  };

  test.each([
    ['locked', 'LOCKED'],
    ['expired', 'EXPIRED'],
  ] as const)('%s is %s, and nobody is identified', async (status, outcome) => {
    const { action, journey } = await told(status).run();
    expect(action).toMatchObject({ outcome });
    expect(journey).toMatchObject({ identified: undefined, proven: [] });
  });

  test('one that must be changed is changed, with the old one as proof', async () => {
    const it = told('mustChange');
    const given: unknown[] = [];
    const setPassword = async (...all: unknown[]) => {
      given.push(all);
      return 'set' as const;
    };
    const accounts = { ...it.accounts, setPassword };
    const asked = await it.run(accounts);
    expect(asked.callbacks[0]).toMatchObject({ output: { message: 'YOUR PASSWORD WAS RESET. CHOOSE A NEW ONE.' } });
    const { action } = await asked.again([undefined, 'old one', 'long enough', 'long enough', 0]);
    expect(action).toMatchObject({ outcome: 'TRUE' });
    expect(given).toEqual([['Demo', 'long enough', 'old one']]);
  });

  test('a new one that it refuses is asked for again, and nobody gets in', async () => {
    const it = told('mustChange');
    const asked = await it.run({ ...it.accounts, setPassword: async () => 'refused' });
    const { callbacks, journey } = await asked.again([undefined, 'old one', 'long enough', 'long enough', 0]);
    expect(callbacks[0]).toMatchObject({
      output: { message: 'THIS PASSWORD CANNOT BE USED HERE. CHOOSE ANOTHER ONE.', messageType: 2 },
    });
    expect(journey.identified).toBeUndefined();
  });
});

test.each([
  ['20260115115959Z', 'EXPIRED'],
  ['20260115120000Z', 'EXPIRED'],
  ['20260115120001Z', 'TRUE'],
  ['nonsense', 'TRUE'],
])('a password that is good until %s is %s', async (passwordExpirationTime, outcome) => {
  const { action, journey } = await set({ passwordExpirationTime: [passwordExpirationTime] }).run();
  expect(action).toMatchObject({ outcome });
  expect(journey.identified).toBe(outcome === 'TRUE' ? testUserId('demo') : undefined);
  expect(journey.proven).toEqual(outcome === 'TRUE' ? [{ user: testUserId('demo'), method: 'password' }] : []);
});

test.each([
  [false, 'demo'],
  [true, 'Demo'],
])('the right password is True; with the stored name: %s', async (useUniversalIdForUsername, name) => {
  const { action, journey, shared } = await set().run(undefined, { useUniversalIdForUsername });
  expect(action).toMatchObject({ outcome: 'TRUE' });
  expect(journey.identified).toBe(testUserId('demo'));
  expect(shared).toEqual({ username: name, universalId: 'id=Demo,ou=user,ou=services,ou=am-config' });
});

describe('a password that was reset', () => {
  const reset = () => set({ pwdReset: ['TRUE'] });
  const SUBMIT = 0;
  const CANCEL = 1;

  test('has to be changed first', async () => {
    const { callbacks, journey } = await reset().run();
    expect(callbacks).toEqual([
      {
        type: 'TextOutputCallback',
        output: { message: 'YOUR PASSWORD WAS RESET. CHOOSE A NEW ONE.', messageType: 0 },
      },
      { type: 'PasswordCallback', output: { prompt: 'Old Password' }, input: { '': '' } },
      { type: 'PasswordCallback', output: { prompt: 'New Password' }, input: { '': '' } },
      { type: 'PasswordCallback', output: { prompt: 'Confirm Password' }, input: { '': '' } },
      expect.objectContaining({
        type: 'ConfirmationCallback',
        output: expect.objectContaining({ options: ['SUBMIT', 'CANCEL'], defaultOption: 1 }),
      }),
    ]);
    expect(journey.identified).toBeUndefined();
  });

  test('may be left as it is, and then nobody gets in', async () => {
    const it = reset();
    const { action, journey } = await (await it.run()).again([undefined, 'right password', 'x', 'x', CANCEL]);
    expect(action).toMatchObject({ outcome: 'CANCELLED' });
    expect([journey.identified, it.changed.size]).toEqual([undefined, 0]);
  });

  test.each([
    ['too short', ['right password', 'short', 'short'], {}, 'The password needs at least 8 characters.'],
    [
      'shorter than the realm allows',
      ['right password', 'short', 'short'],
      { minimumPasswordLength: 0 },
      'The password needs at least 8 characters.',
    ],
    [
      'one that many have (SEC-55)',
      ['right password', 'Password1', 'Password1'],
      {},
      'Many people use this password, so it is easily guessed. Choose another one.',
    ],
    ['typed in two ways', ['right password', 'long enough', 'long enoughh'], {}, 'The new passwords are not the same.'],
    ['given by somebody else', ['wrong', 'long enough', 'long enough'], {}, 'The old password is not right.'],
    [
      'the old one',
      ['right password', 'right password', 'right password'],
      {},
      'The new password has to differ from the old one.',
    ],
    [
      'the user name',
      ['right password', 'DEMO', 'DEMO'],
      { minimumPasswordLength: 0 },
      'The password needs at least 8 characters.',
    ],
  ])('is not changed to one that is %s', async (_what, passwords, config, message) => {
    const it = reset();
    const mixed = { mixedCaseForPasswordChangeMessages: true, ...config };
    const { callbacks, journey } = await (await it.run(undefined, mixed)).again([undefined, ...passwords, SUBMIT]);
    expect(callbacks[0]).toEqual({ type: 'TextOutputCallback', output: { message, messageType: 2 } });
    expect([journey.identified, it.changed.size]).toEqual([undefined, 0]);
  });

  test('is not changed to the name, however it is written', async () => {
    const users: TestUsers = { longername: { pwdReset: ['true'] } };
    const ports = {
      accounts: memoryAccounts(users),
      clock: simulatedClock(),
      identities: memoryIdentities(users),
      passwordPolicy: memoryPasswordPolicy(),
      passwords: memoryPasswords({ longername: 'right password' }),
    };
    const state = { username: 'longername', password: 'right password' };
    const first = await runNode(identityStoreDecision, { ports, state });
    const { callbacks } = await first.again([undefined, 'right password', 'LongerName', 'LongerName', SUBMIT]);
    expect(callbacks[0]?.output.message).toBe('THE PASSWORD MUST NOT BE THE USER NAME.');
  });

  test('is changed once, and lets its owner in', async () => {
    const it = reset();
    const first = await it.run();
    const { action, journey, transient, shared, audit } = await first.again([
      undefined,
      'right password',
      'long enough',
      'long enough',
      SUBMIT,
    ]);
    expect(action).toMatchObject({ outcome: 'TRUE' });
    expect(journey.identified).toBe(testUserId('demo'));
    expect(it.changed.get('demo')).toBe('long enough');
    expect(it.users.Demo).toEqual({ pwdReset: [] });
    expect(transient.password).toBe('long enough');
    expect(JSON.stringify([shared, audit])).not.toMatch(/long enough|right password/);
  });
});
