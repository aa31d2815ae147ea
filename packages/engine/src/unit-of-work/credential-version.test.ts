import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { accountsAdapter } from '../adapters/accounts-adapter.ts';
import { identitiesAdapter } from '../adapters/identities-adapter.ts';
import { storedPasswords } from '../adapters/password-keeper.ts';
import { nameCallback, suspendedTextOutputCallback } from '../callbacks/catalogue.ts';
import { accounts } from '../model/accounts.ts';
import { type IdentityDirectory, identities } from '../model/identities.ts';
import { SUCCESS } from '../model/tree.ts';
import { defineNode } from '../node/node-definition.ts';
import { required, stateKey } from '../state/state-key.ts';
import {
  journeyHarness,
  memoryDirectory,
  plainHasher,
  simulatedClock,
  storedJourney,
  type TestTree,
  testUserId,
} from '../testing/index.ts';
import { Bindings } from './unit-of-work.ts';

const username = stateKey.shared('username', z.string());
const link = stateKey.shared('link', z.string());

const base = { title: 'x', help: 'x', tags: [], config: z.object({}), outcomes: { outcome: 'Outcome' } } as const;

/** Asks who it is, and takes the word for it. */
const signIn = defineNode({
  ...base,
  type: 'SignIn',
  outputs: [username],
  uses: [identities],
  async process({ answered, state, ports, journey, fail, goTo, send }) {
    const name = answered(nameCallback);
    if (name === undefined) return send(nameCallback({ prompt: 'User Name' }));
    const identity = await ports.identities.find(name);
    if (identity === undefined) return fail('nobody');
    journey.identify(identity);
    state.set(username, name);
    return goTo('outcome');
  },
  errors: { nobody: 'There is no such user.' },
});

/** Asks for a name, and looks the user up without a proof. */
const nameUser = defineNode({
  ...base,
  type: 'NameUser',
  outputs: [username],
  uses: [identities],
  async process({ answered, state, ports, journey, goTo, send }) {
    const name = answered(nameCallback);
    if (name === undefined) return send(nameCallback({ prompt: 'User Name' }));
    await ports.identities.find(name);
    journey.identifyByName(name);
    state.set(username, name);
    return goTo('outcome');
  },
});

/** Finds users by what an attribute holds. */
const seekUser = defineNode({
  ...base,
  type: 'SeekUser',
  outputs: [username],
  uses: [identities],
  async process({ answered, state, ports, journey, fail, goTo, send }) {
    const mail = answered(nameCallback);
    if (mail === undefined) return send(nameCallback({ prompt: 'Mail' }));
    const [identity] = await ports.identities.findBy('mail', mail);
    if (identity === undefined) return fail('nobody');
    journey.identifyByName(identity.username);
    state.set(username, mail);
    return goTo('outcome');
  },
  errors: { nobody: 'There is no such user.' },
});

const ask = defineNode({
  ...base,
  type: 'Ask',
  async process({ answered, goTo, send }) {
    return answered(nameCallback) === undefined ? send(nameCallback({ prompt: 'More' })) : goTo('outcome');
  },
});

const readUser = defineNode({
  ...base,
  type: 'ReadUser',
  inputs: [required(username, 'Nobody was named.')],
  uses: [identities],
  async process({ state, ports, goTo }) {
    await ports.identities.find(state.get(username));
    return goTo('outcome');
  },
});

const rest = defineNode({
  ...base,
  type: 'Rest',
  outputs: [link],
  async process({ journey, resumed, state, goTo, send }) {
    if (resumed) return goTo('outcome');
    state.set(link, journey.suspend());
    return send(suspendedTextOutputCallback({ message: 'See your mail.', messageType: 0 }));
  },
});

const newPassword = defineNode({
  ...base,
  type: 'NewPassword',
  inputs: [required(username, 'Nobody was named.')],
  uses: [accounts],
  async process({ state, ports, goTo }) {
    await ports.accounts.setPassword(state.get(username), 'another one');
    return goTo('outcome');
  },
});

const tells = defineNode({
  ...base,
  type: 'Tells',
  async process({ goTo }) {
    return goTo('outcome');
  },
  async onJourneySuccess({ journey }) {
    journey.setCookie({ name: 'cred', value: String(journey.credentialRev), secure: false, httpOnly: false });
  },
});

/** A tree that passes these nodes one after the other. */
const treeOf = (...types: readonly string[]): TestTree => ({
  entry: '0',
  nodes: Object.fromEntries(
    types.map((type, at) => [String(at), { type, to: { outcome: types[at + 1] ? String(at + 1) : SUCCESS } }]),
  ),
});

const setUp = (...types: readonly string[]) => {
  const plain = memoryDirectory({ demo: { mail: ['demo@example.com'] }, other: {} });
  const revs = new Map<string, number>();
  const reads: string[] = [];
  const withRev = <T extends { readonly id: string }>(identity: T | undefined) =>
    identity && { ...identity, credentialRev: revs.get(identity.id) ?? 1 };
  const directory: IdentityDirectory = {
    ...plain,
    async find(realm, name) {
      reads.push(name);
      return withRev(await plain.find(realm, name));
    },
    async findById(id) {
      reads.push(id);
      return withRev(await plain.findById(id));
    },
    findByAttribute: async (...criteria) =>
      (await plain.findByAttribute(...criteria)).map((it) => ({ ...it, credentialRev: revs.get(it.id) ?? 1 })),
    passwordHash: async () => 'hash of old',
  };
  const harness = journeyHarness({
    nodes: [signIn, nameUser, seekUser, ask, readUser, rest, newPassword, tells],
    trees: { Login: treeOf(...types) },
    directory,
    bindings: new Bindings().bind(identities, identitiesAdapter(directory, simulatedClock())).bind(accounts, (unit) =>
      accountsAdapter({
        identities: directory,
        keeper: storedPasswords({ identities: directory, hasher: plainHasher }),
        hasher: plainHasher,
        commonPasswords: async () => () => false,
        random: { bytes: () => new Uint8Array(8), uuid: () => 'id', int: () => 0 },
        clock: harness.clock,
      })(unit),
    ),
  });
  /** Somebody sets another password elsewhere. */
  const change = (name = 'demo') => {
    revs.set(testUserId(name), (revs.get(testUserId(name)) ?? 1) + 1);
  };
  const state = () => storedJourney([...harness.store.journeys.values()].at(-1));
  const linkId = () => new URL(String(state().shared?.link), 'https://x.example').searchParams.get('suspendedId') ?? '';
  return { ...harness, change, state, linkId, reads };
};

const over = { code: 'JOURNEY_EXPIRED', detail: { reason: 'The credentials of its user have changed since.' } };
const outcomes = (it: ReturnType<typeof setUp>) => it.store.audit.map(({ event, outcome }) => [event, outcome]);

describe('with another password of its user (SEC-61)', () => {
  test('a journey does not finish, and is over', async () => {
    const it = setUp('SignIn', 'Ask');
    const step = await it.step(await it.begin(), 'demo');
    it.change();
    await expect(it.answer(step, 'x')).rejects.toMatchObject(over);
    expect(it.store.sessions.size).toBe(0);
    expect(outcomes(it).at(-1)).toEqual(['AUTH_FAIL', 'credentialsChanged']);
    await expect(it.answer(step, 'x')).rejects.toMatchObject({ detail: { reason: 'The journey has finished.' } });
  });

  test('a journey is over at the first step that reads the user', async () => {
    const it = setUp('SignIn', 'Ask', 'ReadUser', 'Ask');
    const step = await it.step(await it.begin(), 'demo');
    it.change();
    await expect(it.answer(step, 'x')).rejects.toMatchObject(over);
  });

  test('a journey is over where the same user is identified once more: what was proven before is not proven again', async () => {
    const it = setUp('SignIn', 'SignIn', 'Ask');
    const step = await it.step(await it.begin(), 'demo');
    it.change();
    await expect(it.answer(step, 'demo')).rejects.toMatchObject(over);
  });

  test.each([
    ['was identified', 'SignIn', 'demo'],
    ['was looked up by name only', 'NameUser', 'demo'],
    ['was looked up by an attribute', 'SeekUser', 'demo@example.com'],
  ])('the link of a suspended journey whose user %s opens nothing', async (_what, first, typed) => {
    const it = setUp(first, 'Rest', 'Ask');
    await it.step(await it.begin(), typed);
    it.change();
    await expect(it.resume(it.linkId())).rejects.toMatchObject({ code: 'SUSPENSION_GONE' });
  });

  test('a link that was followed before is of no more use', async () => {
    const it = setUp('NameUser', 'Rest', 'Ask', 'NewPassword');
    await it.step(await it.begin(), 'demo');
    const answer = await it.resume(it.linkId());
    it.change();
    if (answer.kind !== 'step') throw new TypeError('The journey has ended where a step was expected.');
    await expect(it.answer(answer, 'x')).rejects.toMatchObject(over);
    expect(it.store.other.map(({ type }) => type)).not.toContain('identity.password');
  });

  test('that is set while the journey finishes, there is no session either', async () => {
    const it = setUp('SignIn');
    const step = await it.begin();
    it.store.beforeCommit = () => it.change();
    // The submit runs again from its start: what it was given stands for the new password, or does not.
    expect(await it.answer(step, 'demo')).toMatchObject({ kind: 'success' });
    const later = setUp('SignIn', 'Ask');
    const asked = await later.step(await later.begin(), 'demo');
    later.store.beforeCommit = () => later.change();
    await expect(later.answer(asked, 'x')).rejects.toMatchObject(over);
    expect(later.store.sessions.size).toBe(0);
  });
});

test('another user’s password is nothing to a journey', async () => {
  const it = setUp('SignIn', 'Ask', 'ReadUser');
  const step = await it.step(await it.begin(), 'demo');
  it.change('other');
  expect(await it.answer(step, 'x')).toMatchObject({ kind: 'success' });
});

test('a journey that met another user in between goes by that one', async () => {
  const it = setUp('SignIn', 'SignIn', 'Ask');
  const second = await it.step(await it.begin(), 'demo');
  it.change();
  const third = await it.step(second, 'other');
  expect(await it.answer(third, 'x')).toMatchObject({ kind: 'success' });
});

test('a step that asks for nobody reads nobody', async () => {
  const it = setUp('SignIn', 'Ask', 'Ask');
  const second = await it.step(await it.begin(), 'demo');
  it.reads.length = 0;
  it.change();
  await it.step(second, 'x');
  expect(it.reads).toEqual([]);
});

describe('a journey that sets the password itself', () => {
  test.each([
    ['at once', ['SignIn', 'NewPassword', 'Tells']],
    ['after more steps', ['SignIn', 'NewPassword', 'Tells', 'Ask', 'ReadUser', 'Ask']],
  ])('finishes %s, and goes by the new credentials', async (_when, types) => {
    const it = setUp(...types);
    let answer = await it.answer(await it.begin(), 'demo');
    // The harness keeps no users: what the commit has done to this one is done here.
    const set = it.store.other.filter(({ type }) => type === 'identity.password');
    expect(set).toMatchObject([{ id: testUserId('demo'), seenCredentialRev: 1 }]);
    it.change();
    while (answer.kind === 'step') {
      expect(it.state().credential).toEqual({ userId: testUserId('demo'), rev: 2 });
      answer = await it.answer(answer, 'x');
    }
    expect(answer.cookies?.map(({ value }) => value)).toEqual(['2']);
  });

  test('is over if another password comes after its own', async () => {
    const it = setUp('SignIn', 'NewPassword', 'Ask');
    const step = await it.step(await it.begin(), 'demo');
    it.change();
    it.change();
    await expect(it.answer(step, 'x')).rejects.toMatchObject(over);
  });
});
