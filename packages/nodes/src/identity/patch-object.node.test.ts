import type { Session } from '@assent/engine';
import {
  fakeRequest,
  memoryAccounts,
  memoryIdentities,
  memoryLog,
  memoryPasswordPolicy,
  plainHasher,
  runNode,
  type TestUsers,
  testUserId,
} from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { patchObject } from './patch-object.node.ts';

const set = (users: TestUsers = { demo: { mail: ['demo@example.org'], sn: ['Old'] } }) => {
  const passwords = new Map<string, string>();
  const log = memoryLog();
  const ports = {
    accounts: memoryAccounts(users, passwords),
    identities: memoryIdentities(users),
    passwordHasher: plainHasher,
    passwordPolicy: memoryPasswordPolicy(),
  };
  const run = (state: Record<string, unknown>, config = {}, session?: Session, identified?: string) =>
    runNode(patchObject, {
      ports,
      config,
      log,
      state,
      ...(session && { request: fakeRequest({ session }) }),
      ...(identified !== undefined && { identified }),
    });
  return { users, passwords, log, run };
};

test('fails for another resource, and says what it has to be', async () => {
  await expect(set().run({ username: 'demo' }, { identityResource: 'managed/thing' })).rejects.toThrow(
    'identityResource has to be managed/user, and is managed/thing.',
  );
});

test.each([
  ['a user that nobody is', { username: 'nobody' }],
  ['a value that nobody has', { username: 'demo', objectAttributes: { userName: 'nobody' } }],
])('fails for %s', async (_what, state) => {
  await expect(set().run(state)).rejects.toThrow('Failed to retrieve existing object');
});

test('changes nothing where the directory of the user refuses the password, and says so (OPS-76)', async () => {
  const { users, log } = set();
  const before = structuredClone(users);
  const { action } = await runNode(patchObject, {
    ports: {
      accounts: { ...memoryAccounts(users), setPassword: async () => 'refused' },
      identities: memoryIdentities(users),
      passwordHasher: plainHasher,
      passwordPolicy: memoryPasswordPolicy(),
    },
    config: {},
    log,
    state: { username: 'demo', objectAttributes: { password: 'long enough', sn: 'New' } },
  });
  expect(action).toMatchObject({ outcome: 'FAILURE' });
  expect(log.lines.map(({ msg }) => msg)).toEqual([expect.stringContaining('password')]);
  expect(users).toEqual(before);
});

describe('changes nothing, and goes to Failed', () => {
  const of = (objectAttributes: unknown) => ({ username: 'demo', objectAttributes });
  test.each([
    ['where nobody is named', {}, {}, 'Failed to patch object: userName not present in state'],
    [
      'where a user would be renamed',
      of({ userName: 'demo', uid: 'other', sn: 'New' }),
      {},
      'Failed to patch object: a user cannot be renamed; put userName among the ignored fields',
    ],
    [
      'for a password that is too short',
      of({ password: 'short', sn: 'New' }),
      {},
      'Failed to patch object: password not by the rules',
    ],
    [
      'for answers that are none',
      of({ kbaInfo: 'x', sn: 'New' }),
      {},
      'Failed to patch object: kbaInfo not by the rules',
    ],
    [
      'where the user has not signed in, but is to change it',
      of({ sn: 'New' }),
      { patchAsObject: true },
      'Failed to patch object: it is not the user who has signed in',
    ],
  ])('%s', async (_what, state, config, line) => {
    const { run, users, passwords, log } = set();
    const { action, journey, audit } = await run(state, config);
    expect(action).toMatchObject({ outcome: 'FAILURE' });
    expect(journey.sessionOptions.errorMessage).toContain(
      'Your details could not be saved. Check what you have entered and try again.',
    );
    expect(log.lines.map(({ msg }) => msg)).toEqual([line]);
    expect(users.demo).toEqual({ mail: ['demo@example.org'], sn: ['Old'] });
    expect([passwords.size, audit]).toEqual([0, []]);
  });
});

test('stores what differs, and names it to the audit', async () => {
  const { run, users, passwords } = set();
  const { action, audit } = await run({
    username: 'demo',
    objectAttributes: {
      userName: 'Demo',
      mail: 'demo@example.org',
      sn: '',
      givenName: 'New',
      password: 'long enough',
      kbaInfo: [{ questionId: '1', answer: 'Dog' }],
    },
    termsAccepted: { termsVersion: '2', acceptDate: '2026-01-01T00:00:00.000Z' },
  });
  expect(action).toMatchObject({ outcome: 'PATCHED' });
  expect(users.demo).toEqual({
    mail: ['demo@example.org'],
    sn: [],
    givenName: ['New'],
    kbaInfo: ['{"questionId":"1","answer":"hash of dog"}'],
    'termsAccepted/termsVersion': ['2'],
    'termsAccepted/acceptDate': ['2026-01-01T00:00:00.000Z'],
  });
  expect(passwords.get('demo')).toBe('long enough');
  const attributes = 'sn,givenName,kbaInfo,termsAccepted/termsVersion,termsAccepted/acceptDate';
  expect(audit).toEqual([{ event: 'USER_UPDATE', detail: { attributes, password: true } }]);
});

test('is done where there is nothing to store', async () => {
  const { run } = set();
  const { action, audit } = await run({ username: 'demo', objectAttributes: { sn: 'Old' } });
  expect(action).toMatchObject({ outcome: 'PATCHED' });
  expect(audit).toEqual([]);
});

test('leaves out the ignored fields, with all that is in them', async () => {
  const { run, users } = set();
  const ignoredFields = ['userName', '/sn', 'preferences'];
  const objectAttributes = {
    userName: 'other',
    sn: 'New',
    preferences: { updates: true },
    'preferences/marketing': true,
  };
  const state = { _id: testUserId('demo'), objectAttributes };
  expect((await run(state, { ignoredFields, identityAttribute: '_id' })).action).toMatchObject({ outcome: 'PATCHED' });
  expect(users.demo).toEqual({ mail: ['demo@example.org'], sn: ['Old'] });
});

test('leaves out what is not for a journey to write, and says so', async () => {
  const { run, users, log } = set();
  await run({ username: 'demo', objectAttributes: { assentRoles: ['owner'], createTimestamp: 'x' } });
  expect(users.demo).toEqual({ mail: ['demo@example.org'], sn: ['Old'] });
  expect(log.lines.map(({ msg }) => msg)).toEqual([
    'Not for a journey to write, and left out: assentRoles, createTimestamp',
  ]);
});

test.each([
  ['demo', 'PATCHED'],
  ['eve', 'FAILURE'],
])('%s, who signs in on the way, changes what somebody typed of demo: %s', async (name, outcome) => {
  const { run, users } = set();
  const state = { username: 'demo', objectAttributes: { sn: 'New' } };
  const { action } = await run(state, {}, undefined, testUserId(name));
  expect(action).toMatchObject({ outcome });
  expect(users.demo?.sn).toEqual([outcome === 'PATCHED' ? 'New' : 'Old']);
});

test('a user may be taken out of use', async () => {
  const { run, users } = set();
  await run({ username: 'demo', objectAttributes: { accountStatus: 'inactive' } });
  expect(users.demo?.inetUserStatus).toEqual(['Inactive']);
});

describe('with patchAsObject', () => {
  const config = { patchAsObject: true, identityAttribute: 'mail' };
  const state = { objectAttributes: { mail: 'demo@example.org', sn: 'New' } };

  test('the owner of the session changes the own profile', async () => {
    const { run, users } = set();
    const { action } = await run(state, config, { userId: testUserId('demo'), properties: {} } as unknown as Session);
    expect(action).toMatchObject({ outcome: 'PATCHED' });
    expect(users.demo?.sn).toEqual(['New']);
  });

  test('nobody changes that of somebody else', async () => {
    const { run } = set();
    const { action } = await run(state, config, { userId: testUserId('eve') } as Session);
    expect(action).toMatchObject({ outcome: 'FAILURE' });
  });
});
