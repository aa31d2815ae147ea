import { expect, test } from 'vitest';
import { z } from 'zod';
import { identitiesAdapter } from '../adapters/identities-adapter.ts';
import { nameCallback } from '../callbacks/catalogue.ts';
import { identities } from '../model/identities.ts';
import { FACTOR_INSTANT, type Session, USER_AGENT } from '../model/sessions.ts';
import { FAILURE, SUCCESS } from '../model/tree.ts';
import { defineNode } from '../node/node-definition.ts';
import { stateKey } from '../state/state-key.ts';
import { fakeRequest, journeyHarness, simulatedClock } from '../testing/index.ts';
import { memoryDirectory, testUserId } from '../testing/memory-ports.ts';
import type { Change } from '../unit-of-work/changes.ts';
import { Bindings } from '../unit-of-work/unit-of-work.ts';

const says = defineNode({
  type: 'Says',
  title: 'x',
  help: 'x',
  tags: [],
  config: z.object({ cookie: z.string().default('seen') }),
  outcomes: { outcome: 'Outcome' },
  async process({ config, journey, goTo }) {
    journey.identifyByName('demo');
    journey.setSessionProperty('mood', '{"good":true}');
    journey.addSuccessDetails({ greeting: 'hello' });
    journey.addSuccessProperties({ feels: 'mood', nothing: 'unset' });
    journey.addFailureDetails({ hint: 'try again' });
    journey.setErrorMessage('No.');
    journey.setCookie({ name: config.cookie, value: '1', secure: true, httpOnly: true });
    return goTo('outcome');
  },
});

const atSuccess = defineNode({
  type: 'AtSuccess',
  title: 'x',
  help: 'x',
  tags: [],
  config: z.object({}),
  outcomes: { outcome: 'Outcome' },
  async process({ goTo }) {
    return goTo('outcome');
  },
  async onJourneySuccess({ journey, request, realm }) {
    const value = `${journey.identifiedUser} ${request.clientAddress} ${realm.realm}`;
    journey.setCookie({ name: 'late', value, secure: false, httpOnly: false });
  },
});

const setUp = (end: string, noSession = false, cookie = 'seen') =>
  journeyHarness({
    nodes: [says, atSuccess],
    trees: {
      Login: {
        entry: 'says',
        nodes: {
          says: { type: 'Says', config: { cookie }, to: { outcome: 'late' } },
          late: { type: 'AtSuccess', to: { outcome: end } },
        },
        settings: { noSession },
      },
    },
    users: { demo: {} },
  });

test('success brings the members and cookies that nodes asked for, properties of the session as JSON', async () => {
  const answer = await setUp(SUCCESS).start();
  expect(answer).toMatchObject({ details: { greeting: 'hello', feels: { good: true } } });
  expect(answer).not.toHaveProperty('details.nothing');
  expect(answer.cookies?.map(({ name }) => name)).toEqual(['seen', 'late']);
});

test('a hook of success knows who signs in, from where and into which realm', async () => {
  const answer = await setUp(SUCCESS).start(undefined, {}, fakeRequest({ clientAddress: '192.0.2.9' }));
  expect(answer.cookies?.at(-1)?.value).toMatch(/^\S+ 192\.0\.2\.9 \/$/);
});

test('without a session there are no properties of one', async () => {
  expect(await setUp(SUCCESS, true).start()).toMatchObject({ details: { greeting: 'hello' } });
});

test.each([
  ['success without a session', SUCCESS],
  ['failure', FAILURE],
])('commits a %s at the first request only while its realm is in force (SEC-89)', async (_end, end) => {
  const it = setUp(end, true);
  const commits: (readonly Change[])[] = [];
  const commit = it.store.commit.bind(it.store);
  it.store.commit = (changes) => {
    commits.push(changes);
    return commit(changes);
  };
  await it.start().catch(() => undefined);
  expect(commits).toHaveLength(1);
  expect(commits[0]).toContainEqual({ type: 'realm.usable', realm: '/' });
});

test('failure brings the words and members for failure, and no others', async () => {
  await expect(setUp(FAILURE).start()).rejects.toMatchObject({
    code: 'LOGIN_FAILED',
    detail: { failureUrl: '', message: 'No.', members: { hint: 'try again' } },
  });
});

test('no node sets a cookie of the server’s own: it could sign the browser in as somebody else', async () => {
  await expect(setUp(SUCCESS, false, 'session').start()).rejects.toMatchObject({
    code: 'NODE_FAILED',
    detail: { reason: 'The cookie "session" belongs to the server.' },
  });
});

const waits = defineNode({
  type: 'Waits',
  title: 'x',
  help: 'x',
  tags: [],
  config: z.object({}),
  outcomes: { outcome: 'Outcome' },
  sends: [nameCallback],
  process: ({ answered, goTo, send }) =>
    answered(nameCallback) === undefined ? send(nameCallback({ prompt: 'Go on?' })) : goTo('outcome'),
});

const proves = defineNode({
  type: 'Proves',
  title: 'x',
  help: 'x',
  tags: [],
  config: z.object({}),
  outcomes: { outcome: 'Outcome' },
  proves: ['push'],
  async process({ journey, goTo }) {
    journey.identifyByName('demo');
    journey.prove({ id: testUserId('demo') }, 'push', 'AuthenticatorPush');
    return goTo('outcome');
  },
});

const claims = defineNode({
  type: 'Claims',
  title: 'x',
  help: 'x',
  tags: [],
  config: z.object({}),
  outcomes: { outcome: 'Outcome' },
  outputs: [stateKey.shared('NodeType', z.string())],
  async process({ journey, state, goTo }) {
    journey.identifyByName('demo');
    state.set(stateKey.shared('NodeType', z.string()), 'AuthenticatorPush|');
    seen.push([...journey.nodeTypesOf({ id: testUserId('demo') })]);
    return goTo('outcome');
  },
});
const seen: string[][] = [];

const refuses = defineNode({
  type: 'Refuses',
  title: 'x',
  help: 'x',
  tags: [],
  config: z.object({}),
  outcomes: { outcome: 'Outcome' },
  errors: { locked: 'Maximum attempts exceeded' },
  async process({ journey, fail }) {
    journey.auditRefusal('kba');
    journey.auditRefusal('kba', 'locked');
    return fail('locked');
  },
});

test('a guess that was wrong, or came while guesses are locked, is written down although the journey fails (A1, I6) (SEC-80)', async () => {
  const harness = journeyHarness({
    nodes: [refuses],
    trees: { Login: { entry: 'refuses', nodes: { refuses: { type: 'Refuses', to: { outcome: SUCCESS } } } } },
  });
  await expect(harness.start()).rejects.toMatchObject({ code: 'NODE_FAILED' });
  expect(harness.store.audit.map(({ event, outcome }) => [event, outcome])).toEqual([
    ['JOURNEY_START', undefined],
    ['AUTH_FAIL', 'kba'],
    ['THROTTLED', 'kba'],
    ['JOURNEY_END', 'error'],
  ]);
});

const refusesLate = defineNode({
  type: 'RefusesLate',
  title: 'x',
  help: 'x',
  tags: [],
  config: z.object({}),
  outcomes: { outcome: 'Outcome' },
  process: ({ journey, goTo }) => {
    journey.identifyByName('demo');
    journey.auditRefusal('early');
    return goTo('outcome');
  },
  async onJourneySuccess({ journey }) {
    journey.auditRefusal('late');
  },
});

test('what a hook of success wants written in any case is written, and nothing twice (A1)', async () => {
  const harness = journeyHarness({
    nodes: [refusesLate],
    trees: { Login: { entry: 'late', nodes: { late: { type: 'RefusesLate', to: { outcome: SUCCESS } } } } },
    users: { demo: {} },
  });
  await harness.start();
  const refusals = harness.store.audit.filter(({ event }) => event === 'AUTH_FAIL');
  expect(refusals.map(({ outcome }) => outcome)).toEqual(['early', 'late']);
});

test('what a node or a script writes into the state proves no factor (A6, SEC-72)', async () => {
  const harness = journeyHarness({
    nodes: [claims],
    trees: {
      Login: {
        entry: 'first',
        nodes: {
          first: { type: 'Claims', to: { outcome: 'second' } },
          second: { type: 'Claims', to: { outcome: SUCCESS } },
        },
      },
    },
    users: { demo: {} },
  });
  const answer = await harness.start();
  expect(seen).toEqual([[], []]);
  expect(answer.kind === 'success' && answer.created?.session.properties).not.toHaveProperty('NodeType');
});

const named = stateKey.shared('username', z.string());
const becomes = defineNode({
  type: 'Becomes',
  title: 'x',
  help: 'x',
  tags: [],
  config: z.object({ name: z.string(), factor: z.string().default('') }),
  outcomes: { outcome: 'Outcome' },
  outputs: [named],
  async process({ config, journey, state, goTo }) {
    state.set(named, config.name);
    if (config.factor !== '') journey.addNodeType({ id: testUserId(config.name) }, config.factor);
    return goTo('outcome');
  },
});

test.each([
  ['demo', 'DEMO', 'AuthenticatorOATH|'],
  ['other', 'demo', undefined],
])('a factor that %s has proven, in a session of %s: %s (A6, SEC-72)', async (prover, name, nodeType) => {
  const harness = journeyHarness({
    nodes: [becomes],
    trees: {
      Login: {
        entry: 'proves',
        nodes: {
          proves: { type: 'Becomes', config: { name: prover, factor: 'AuthenticatorOATH' }, to: { outcome: 'goesOn' } },
          goesOn: { type: 'Becomes', config: { name }, to: { outcome: SUCCESS } },
        },
      },
    },
    users: { demo: {}, other: {} },
  });
  const answer = await harness.start();
  if (answer.kind !== 'success') throw new Error('The journey does not succeed.');
  expect(answer.created?.session.properties.NodeType).toBe(nodeType);
});

test('a session inherits its factors with their time: a password later makes them no younger', async () => {
  const harness = journeyHarness({
    nodes: [proves, says],
    trees: {
      Login: { entry: 'says', nodes: { says: { type: 'Says', to: { outcome: SUCCESS } } } },
      Prove: { entry: 'proves', nodes: { proves: { type: 'Proves', to: { outcome: SUCCESS } } } },
    },
    users: { demo: {} },
  });
  const sessionAfter = async (tree: string, session?: Session) => {
    const answer = await harness.start(tree, {}, fakeRequest(session && { session }));
    if (answer.kind !== 'success' || answer.created === undefined) throw new Error('There is no session.');
    return answer.created.session;
  };
  const byPassword = await sessionAfter('Login');
  expect(byPassword.properties).not.toHaveProperty(FACTOR_INSTANT);

  harness.clock.advance(60_000);
  const byPhone = await sessionAfter('Prove', byPassword);
  const { authInstant } = byPhone.properties;
  expect(byPhone.properties).toMatchObject({ NodeType: 'AuthenticatorPush|', [FACTOR_INSTANT]: authInstant });

  harness.clock.advance(60_000);
  const later = await sessionAfter('Login', byPhone);
  expect(later.properties).toMatchObject({ NodeType: 'AuthenticatorPush|', [FACTOR_INSTANT]: authInstant });
  expect(later.properties.authInstant).not.toBe(authInstant);
});

test('a factor is as old as it is, however long its journey goes on behind it (SEC-72)', async () => {
  const harness = journeyHarness({
    nodes: [proves, says, waits],
    trees: {
      Login: {
        entry: 'proves',
        nodes: {
          proves: { type: 'Proves', to: { outcome: 'waits' } },
          waits: { type: 'Waits', to: { outcome: SUCCESS } },
        },
      },
    },
    users: { demo: {} },
  });
  const step = await harness.begin('Login');
  const provenAt = harness.clock.now();
  harness.clock.advance(240_000);
  const answer = await harness.answer(step, 'go on');
  if (answer.kind !== 'success' || answer.created === undefined) throw new Error('There is no session.');
  const { properties } = answer.created.session;
  expect(Date.parse(properties[FACTOR_INSTANT] ?? '')).toBe(Math.floor(provenAt / 1_000) * 1_000);
  expect(Date.parse(properties.authInstant ?? '')).toBe(Math.floor((provenAt + 240_000) / 1_000) * 1_000);
});

test('a session says from where and by what it was made, and not more of that than 256 characters', async () => {
  const request = fakeRequest({ clientAddress: '192.0.2.9', headers: { 'user-agent': 'x'.repeat(300) } });
  const answer = await setUp(SUCCESS).start(undefined, {}, request);
  expect(answer).toMatchObject({
    created: { session: { properties: { Host: '192.0.2.9', [USER_AGENT]: 'x'.repeat(256) } } },
  });
  const unnamed = await setUp(SUCCESS).start();
  expect(unnamed).not.toHaveProperty(`created.session.properties.${USER_AGENT}`);
});

const identifiesAndNames = defineNode({
  type: 'IdentifiesAndNames',
  title: 'x',
  help: 'x',
  tags: [],
  config: z.object({ identifies: z.string(), names: z.string() }),
  outcomes: { outcome: 'Outcome' },
  uses: [identities],
  async process({ config, journey, state, ports, goTo }) {
    const identity = await ports.identities.find(config.identifies);
    if (identity !== undefined) journey.identify(identity);
    state.write('username', config.names);
    return goTo('outcome');
  },
});

const userName = (names: string) => {
  const directory = memoryDirectory({ demo: {}, other: {} });
  return journeyHarness({
    nodes: [identifiesAndNames],
    trees: {
      Login: {
        entry: 'both',
        nodes: {
          both: { type: 'IdentifiesAndNames', config: { identifies: 'demo', names }, to: { outcome: SUCCESS } },
        },
      },
    },
    directory,
    bindings: new Bindings().bind(identities, identitiesAdapter(directory, simulatedClock())),
  });
};

test.each(['demo', 'DEMO', 'nobody', ''])('an identified user who is userName "%s" since signs in', async (names) => {
  expect(await userName(names).start()).toMatchObject({ kind: 'success', created: { session: { username: 'demo' } } });
});

test('a journey that identified one user and names another signs in neither', async () => {
  const it = userName('other');
  await expect(it.start()).rejects.toMatchObject({ code: 'ACCOUNT_UNUSABLE' });
  expect(it.store.sessions.size).toBe(0);
});
