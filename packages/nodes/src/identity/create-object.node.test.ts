import {
  accounts as accountsPort,
  identities as identitiesPort,
  passwordHasher as passwordHasherPort,
  passwordPolicy as passwordPolicyPort,
  throttle as throttlePort,
} from '@assent/engine';
import { accountsAdapter, Bindings, FAILURE, identitiesAdapter, SUCCESS, storedPasswords } from '@assent/engine/host';
import {
  journeyHarness,
  memoryAccounts,
  memoryDirectory,
  memoryIdentities,
  memoryLog,
  memoryPasswordPolicy,
  memoryThrottle,
  plainHasher,
  runNode,
  seededRandom,
  simulatedClock,
  type TestUsers,
} from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { platformPassword } from '../basic/platform-password.node.ts';
import { platformUsername } from '../basic/platform-username.node.ts';
import { page } from '../utilities/page.node.ts';
import { attributeCollector } from './attribute-collector.node.ts';
import { createObject } from './create-object.node.ts';
import { incrementLoginCount } from './increment-login-count.node.ts';

const whole = { userName: 'new', givenName: 'New', sn: 'User', mail: 'new@example.org' };

const set = (users: TestUsers = { demo: {} }) => {
  const passwords = new Map<string, string>();
  const log = memoryLog();
  const clock = simulatedClock();
  const ports = {
    accounts: memoryAccounts(users, passwords),
    identities: memoryIdentities(users),
    passwordHasher: plainHasher,
    passwordPolicy: memoryPasswordPolicy(),
    throttle: memoryThrottle(clock),
  };
  const run = (objectAttributes: unknown, more: Record<string, unknown> = {}, config = {}) =>
    runNode(createObject, { ports, config, log, state: { objectAttributes, ...more } });
  return { users, passwords, clock, log, run };
};

test.each(['managed/alpha_role', 'managed/organization', 'user', 'managed/users'])(
  'fails for %s, and says what it has to be',
  async (identityResource) => {
    await expect(set().run(whole, {}, { identityResource })).rejects.toThrow(
      `Users are the only objects here: identityResource has to be managed/user, and is ${identityResource}.`,
    );
  },
);

describe('makes nobody and says so to the log alone', () => {
  test.each([
    ['without a mail address', { ...whole, mail: '' }, 'Creation object does not have all required fields: mail'],
    ['of nothing', undefined, 'Creation object does not have all required fields: userName, givenName, sn, mail'],
    [
      'by a name that reads as the id of a user (SEC-60)',
      { ...whole, userName: '3F2504E0-4f89-41d3-9a0c-0305e82c3301' },
      'Failed to create object: userName not by the rules',
    ],
    [
      'by a name that is taken',
      { ...whole, userName: 'Demo' },
      'Failed to create object: the user name is taken, or cannot be one',
    ],
    [
      'by a name that could pass for another',
      { ...whole, userName: 'a\u200bb' },
      'Failed to create object: userName not by the rules',
    ],
    [
      'with a password that is too short',
      { ...whole, password: 'short' },
      'Failed to create object: password not by the rules',
    ],
    ['with answers that are none', { ...whole, kbaInfo: ['x'] }, 'Failed to create object: kbaInfo not by the rules'],
  ])('%s', async (_what, objectAttributes, line) => {
    const { run, users, log } = set();
    const { action, journey, audit } = await run(objectAttributes);
    expect(action).toMatchObject({ outcome: 'FAILURE' });
    expect(journey.sessionOptions.errorMessage).toContain(
      'The account could not be created. Check what you have entered and try again.',
    );
    expect(log.lines.map(({ msg }) => msg)).toEqual([line]);
    expect(Object.keys(users)).toEqual(['demo']);
    expect(audit).toEqual([]);
  });
});

test('makes nobody where a directory has the users, and says where they are made (OPS-74)', async () => {
  const users: TestUsers = {};
  const log = memoryLog();
  const accounts = { ...memoryAccounts(users), makesUsers: () => false };
  const ports = {
    accounts,
    identities: memoryIdentities(users),
    passwordHasher: plainHasher,
    passwordPolicy: memoryPasswordPolicy(),
    throttle: memoryThrottle(simulatedClock()),
  };
  const { action } = await runNode(createObject, { ports, log, config: {}, state: { objectAttributes: whole } });
  expect(action).toMatchObject({ outcome: 'FAILURE' });
  expect(log.lines.map(({ msg }) => msg)).toEqual([
    'Failed to create object: users of the realm are made in the directory that its service "ldap" names',
  ]);
  expect(users).toEqual({});
});

test('of one address makes a hundred users an hour, says so, and tells of no more names which are taken (A098)', async () => {
  const { run, users, clock, log } = set();
  const outcomeOf = async (userName: string) => (await run({ ...whole, userName })).action;
  for (let at = 0; at < 100; at += 1) expect(await outcomeOf(`new-${at}`)).toMatchObject({ outcome: 'CREATED' });
  for (const name of ['new-100', 'demo']) expect(await outcomeOf(name)).toMatchObject({ outcome: 'FAILURE' });
  expect(Object.keys(users)).toHaveLength(101);
  const tooMany = 'Failed to create object: too many were made from this address';
  expect(log.lines.map(({ msg }) => msg)).toEqual([tooMany, tooMany]);
  clock.advance(15 * 60_000);
  expect(await outcomeOf('new-100')).toMatchObject({ outcome: 'CREATED' });
});

test('makes a user of what was collected', async () => {
  const { run, users, passwords } = set();
  const termsAccepted = { termsVersion: '2', acceptDate: '2026-01-01T00:00:00.000Z' };
  const { action, audit } = await run(
    {
      ...whole,
      password: 'long enough',
      'preferences/updates': true,
      preferences: { marketing: false },
      age: 18,
      description: null,
      groups: ['a', 'b'],
      consentedMappings: [{ mapping: 'm' }],
      _id: 'x',
      kbaInfo: [
        { questionId: '1', answer: ' My  Dog ' },
        { customQuestion: 'Own?', answer: 'ÉTÉ' },
      ],
    },
    { termsAccepted },
  );
  expect(action).toMatchObject({ outcome: 'CREATED' });
  expect(users.new).toEqual({
    givenName: ['New'],
    sn: ['User'],
    mail: ['new@example.org'],
    'preferences/updates': ['true'],
    'preferences/marketing': ['false'],
    age: ['18'],
    description: [],
    groups: ['a', 'b'],
    consentedMappings: ['{"mapping":"m"}'],
    kbaInfo: ['{"questionId":"1","answer":"hash of my dog"}', '{"customQuestion":"Own?","answer":"hash of été"}'],
    'termsAccepted/termsVersion': ['2'],
    'termsAccepted/acceptDate': ['2026-01-01T00:00:00.000Z'],
    createTimestamp: ['20260115120000Z'],
  });
  expect(passwords.get('new')).toBe('long enough');
  expect(audit).toMatchObject([{ event: 'USER_CREATE' }]);
  expect(JSON.stringify(audit)).not.toMatch(/long enough|dog/i);
});

test.each(['managed/user', 'managed/alpha_user', 'managed/bravo_user'])(
  '%s is the user table',
  async (identityResource) => {
    expect((await set().run(whole, {}, { identityResource })).action).toMatchObject({ outcome: 'CREATED' });
  },
);

test('takes the user name of the journey where none was collected as an attribute', async () => {
  const { run, users } = set();
  const { userName: _, ...others } = whole;
  await run(others, { username: 'fromState' });
  expect(Object.keys(users)).toContain('fromState');
});

test('a user may be made out of use', async () => {
  const { run, users } = set();
  await run({ ...whole, accountStatus: 'inactive' });
  expect(users.new?.inetUserStatus).toEqual(['Inactive']);
});

test('leaves out what is not for a journey to write, and says so', async () => {
  const { run, users, log } = set();
  await run({ ...whole, assentRoles: 'owner', loginCount: 5, 'bad name': 'x', big: 'x'.repeat(5_000) });
  expect(Object.keys(users.new ?? {})).toEqual(['givenName', 'sn', 'mail', 'kbaInfo', 'createTimestamp']);
  expect(log.lines.map(({ msg }) => msg)).toEqual([
    'Not for a journey to write, and left out: assentRoles, loginCount, bad name, big',
  ]);
});

const registration = (users: TestUsers) => {
  const directory = memoryDirectory(users);
  const clock = simulatedClock();
  const bindings = new Bindings()
    .bind(identitiesPort, identitiesAdapter(directory, clock))
    .bind(passwordHasherPort, () => plainHasher)
    .bind(passwordPolicyPort, () => memoryPasswordPolicy())
    .bind(throttlePort, () => memoryThrottle(clock))
    .bind(
      accountsPort,
      accountsAdapter({
        identities: directory,
        keeper: storedPasswords({ identities: directory, hasher: plainHasher }),
        hasher: plainHasher,
        commonPasswords: async () => () => false,
        random: seededRandom(),
        clock,
      }),
    );
  const inside = {
    name: { type: 'ValidatedUsernameNode' },
    attributes: { type: 'AttributeCollectorNode', config: { attributesToCollect: ['givenName', 'sn', 'mail'] } },
    password: { type: 'ValidatedPasswordNode' },
  };
  const nodes = Object.entries(inside).map(([_id, { type }]) => ({ _id, nodeType: type }));
  return journeyHarness({
    clock,
    directory,
    bindings,
    nodes: [page, platformUsername, attributeCollector, platformPassword, createObject, incrementLoginCount],
    trees: {
      Login: {
        entry: 'page',
        nodes: {
          page: { type: 'PageNode', config: { nodes }, to: { outcome: 'create' } },
          create: { type: 'CreateObjectNode', to: { CREATED: 'count', FAILURE } },
          count: { type: 'IncrementLoginCountNode', to: { outcome: SUCCESS } },
        },
        inside,
      },
    },
  });
};
const answers = ['new', 'New', 'User', 'new@example.org', 'long enough'];

test('a new user is signed in by the commit that makes the user', async () => {
  const it = registration({});
  const answer = await it.answer(await it.begin(), ...answers);
  expect(answer).toMatchObject({ kind: 'success', created: { session: { username: 'new' } } });
  expect(it.store.commits).toBe(1);
  expect(it.store.other).toEqual([
    {
      type: 'identity.insert',
      id: expect.any(String),
      realm: '/',
      username: 'new',
      hash: 'hash of long enough',
      attributes: {
        givenName: ['New'],
        sn: ['User'],
        mail: ['new@example.org'],
        assentClaimedMail: ['2026-01-15T12:00:00.000Z'],
        createTimestamp: ['20260115120000Z'],
        loginCount: ['1'],
      },
    },
  ]);
});

test('a journey that makes nobody ends in Failure with a word for its user', async () => {
  const it = registration({ New: {} });
  await expect(it.answer(await it.begin(), ...answers)).rejects.toMatchObject({
    code: 'LOGIN_FAILED',
    detail: { message: 'The account could not be created. Check what you have entered and try again.' },
  });
  expect(it.store.other).toEqual([]);
});
