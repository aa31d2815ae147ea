import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { nameCallback, passwordCallback, pollingWaitCallback } from '../callbacks/catalogue.ts';
import { FAILURE, SUCCESS } from '../model/tree.ts';
import { defineNode } from '../node/node-definition.ts';
import { optional, required, stateKey } from '../state/state-key.ts';
import { journeyHarness, storedJourney, type TestTree } from '../testing/index.ts';

const username = stateKey.shared('username', z.string());
const password = stateKey.transient('password', z.string());
const pin = stateKey.transient('pin', z.string());
const seen = stateKey.shared('seen', z.unknown());
const polls = stateKey.ownedByNode('polls', z.int(), { volatile: true });
const counted = stateKey.ownedByNode('counted', z.int());

const base = { title: 'x', help: 'x', tags: [], config: z.object({}), outcomes: { outcome: 'Outcome' } } as const;

const inner = defineNode({
  ...base,
  type: 'Inner',
  config: z.object({ tree: z.string(), errors: z.boolean().default(false) }),
  outcomes: { true: 'True', false: 'False', error: 'Error' },
  innerTree: ({ tree }) => tree,
  outputs: [seen],
  errors: { missing: 'Configured tree does not exist' },
  async process({ config, state, runInnerTree, fail, goTo, send }) {
    const end = await runInnerTree({ errorsAsEnd: config.errors });
    if (end.kind === 'step') return { ...send(...end.callbacks), presentation: end.presentation };
    if (end.kind === 'missing') return fail('missing');
    if (end.kind === 'error') state.set(seen, { ...end.node, message: end.message });
    return goTo(end.kind === 'success' ? 'true' : end.kind === 'error' ? 'error' : 'false');
  },
});
const askName = defineNode({
  ...base,
  type: 'AskName',
  outputs: [username],
  async process({ answered, state, goTo, send }) {
    const name = answered(nameCallback);
    if (name === undefined || name === '') {
      return { ...send(nameCallback({ prompt: 'User Name' })), presentation: { header: 'Inside' } };
    }
    state.set(username, name);
    return goTo('outcome');
  },
});
const askPassword = defineNode({
  ...base,
  type: 'AskPassword',
  outputs: [password, pin],
  async process({ answered, state, goTo, send }) {
    const given = answered(passwordCallback);
    if (given === undefined) return send(passwordCallback({ prompt: 'Password' }));
    state.set(password, given);
    state.set(pin, `${given}-pin`);
    return goTo('outcome');
  },
});
/** Looks at any secret, whether it was declared or not, as a script with `*` does. */
const look = defineNode({
  ...base,
  type: 'Look',
  outputs: [seen],
  async process({ state, goTo }) {
    state.set(seen, { password: state.read('password') ?? null, pin: state.read('pin') ?? null });
    return goTo('outcome');
  },
});
const needsPin = defineNode({
  ...base,
  type: 'NeedsPin',
  inputs: [optional(pin)],
  outputs: [seen],
  async process({ state, goTo }) {
    state.set(seen, { password: state.read('password') ?? null, pin: state.get(pin) ?? null });
    return goTo('outcome');
  },
});
const needsPassword = defineNode({
  ...base,
  type: 'NeedsPassword',
  inputs: [required(password, 'Unable to authenticate')],
  async process({ state, journey, goTo }) {
    journey.setSessionProperty('secret', `${state.get(password)}`);
    return goTo('outcome');
  },
});
const poll = defineNode({
  ...base,
  type: 'Poll',
  config: z.object({ counts: z.boolean().default(false) }),
  outputs: [polls, counted],
  volatileOutputs: ({ counts }) => (counts ? [] : [counted]),
  async process({ state, send }) {
    state.set(polls, (state.get(polls) ?? 0) + 1);
    state.set(counted, (state.get(counted) ?? 0) + 1);
    return send(pollingWaitCallback({ waitTime: 1_000, message: 'Waiting' }));
  },
});
const wantsOptions = defineNode({
  ...base,
  type: 'WantsOptions',
  async process({ journey, goTo }) {
    journey.setSessionProperty('colour', 'green');
    journey.setMaxSessionMinutes(7);
    journey.setErrorMessage('Come back tomorrow.');
    return goTo('outcome');
  },
});
const told: string[] = [];
const listener = defineNode({
  ...base,
  type: 'Listener',
  process: async ({ goTo }) => goTo('outcome'),
  async onJourneySuccess({ nodeId }) {
    told.push(nodeId);
  },
});
const broken = defineNode({
  ...base,
  type: 'Broken',
  errors: { text: 'The documented words' },
  process: async ({ fail }) => fail('text'),
});

const nodes = [inner, askName, askPassword, look, needsPin, needsPassword, poll, wantsOptions, listener, broken];
const single = (type: string, to: string = SUCCESS, config = {}): TestTree => ({
  entry: 'only',
  nodes: { only: { type, config, to: { outcome: to } } },
});
const outer = (tree: string, config = {}): TestTree => ({
  entry: 'run',
  nodes: {
    run: { type: 'Inner', config: { tree, ...config }, to: { true: SUCCESS, false: FAILURE, error: 'look' } },
    look: { type: 'Poll', to: {} },
  },
});
const setUp = (trees: Readonly<Record<string, TestTree>>) =>
  journeyHarness({ nodes, trees, users: { demo: {}, other: {} } });
const storedOf = (it: ReturnType<typeof setUp>) => storedJourney([...it.store.journeys.values()][0]);

describe('a tree that cannot be run', () => {
  test.each([
    ['is missing', {}],
    ['is switched off', { Sub: { ...single('AskName'), settings: { enabled: false } } }],
    ['runs in transactions only', { Sub: { ...single('AskName'), settings: { transactionalOnly: true } } }],
  ])('ends the journey in error when it %s', async (_what, trees) => {
    const it = setUp({ Login: outer('Sub'), ...trees });
    await expect(it.start()).rejects.toMatchObject({ code: 'NODE_FAILED' });
    expect(it.log.lines[0]?.msg).toBe('Configured tree does not exist');
  });

  test('an inner-tree-only tree runs inside, and not by itself', async () => {
    const it = setUp({ Login: outer('Sub'), Sub: { ...single('AskName'), settings: { innerTreeOnly: true } } });
    await expect(it.start('Sub')).rejects.toMatchObject({ code: 'TREE_NOT_FOUND' });
    expect((await it.begin()).callbacks).toEqual([nameCallback({ prompt: 'User Name' })]);
  });

  test('a loop that two edits closed ends in error instead of hanging', async () => {
    const it = setUp({ Login: outer('Sub'), Sub: outer('Login') });
    await expect(it.start()).rejects.toMatchObject({ code: 'NODE_FAILED' });
    expect(it.log.lines[0]?.msg).toContain('20 deep');
  });

  test('a node that fails inside ends the journey, and the log says in which tree', async () => {
    const it = setUp({ Login: outer('Sub'), Sub: single('Broken') });
    await expect(it.start()).rejects.toMatchObject({ code: 'NODE_FAILED', detail: { nodeId: 'only' } });
    expect(it.log.lines).toMatchObject([
      { msg: 'The documented words', fields: { journey: 'Login', innerTree: 'Sub', nodeId: 'only' } },
    ]);
    expect(it.log.lines).toHaveLength(1);
  });

  test('the same is an outcome where the node wants errors, with the node and its words', async () => {
    const it = setUp({ Login: outer('Sub', { errors: true }), Sub: outer('Deep'), Deep: single('Broken') });
    await it.begin();
    expect(storedOf(it).shared).toMatchObject({
      seen: { id: 'only', type: 'Broken', displayName: '', message: 'The documented words' },
    });
  });

  test('a missing input is such an error, too, and is logged', async () => {
    const it = setUp({ Login: outer('Sub', { errors: true }), Sub: single('NeedsPassword') });
    await it.begin();
    expect(storedOf(it).shared).toMatchObject({ seen: { type: 'NeedsPassword', message: 'Unable to authenticate' } });
    expect(it.log.lines.map(({ msg }) => msg)).toEqual(['Unable to authenticate']);
  });
});

test.each([
  ['true', SUCCESS, undefined],
  ['false', FAILURE, 'LOGIN_FAILED'],
])('ends as outcome %s, and shares its state', async (_outcome, to, code) => {
  const it = setUp({ Login: outer('Sub'), Sub: single('AskName', to) });
  const step = await it.begin();
  expect(step.presentation).toEqual({ header: 'Inside' });
  const end = it.answer(step, 'demo');
  if (code !== undefined) await expect(end).rejects.toMatchObject({ code });
  else expect(await end).toMatchObject({ kind: 'success', created: { session: { username: 'demo' } } });
});

test('waits at the right node of the right tree, however deep', async () => {
  const chain: TestTree = {
    entry: 'name',
    nodes: {
      name: { type: 'AskName', to: { outcome: 'again' } },
      again: { type: 'AskPassword', to: { outcome: SUCCESS } },
    },
  };
  const it = setUp({ Login: outer('Sub'), Sub: outer('Deep'), Deep: chain });
  const second = await it.step(await it.begin(), 'demo');
  expect(second.callbacks).toEqual([passwordCallback({ prompt: 'Password' })]);
  expect(storedOf(it)).toMatchObject({ node: 'run', inner: ['run', 'again'] });
  expect(await it.answer(second, 'x')).toMatchObject({ kind: 'success' });
});

test('a first step inside is stored nowhere, and keeps to the version it was made from', async () => {
  const it = setUp({ Login: outer('Sub'), Sub: single('AskName') });
  const step = await it.begin();
  expect(it.store.commits).toBe(0);
  expect(step.reference.innerVersions).toEqual({ Sub: 1 });
  it.publish('Sub', single('AskPassword'));
  expect(await it.answer(step, 'demo')).toMatchObject({ kind: 'success' });
});

test('a stored journey keeps to the version it went into, and to it when it comes again', async () => {
  const it = setUp({
    Login: {
      entry: 'first',
      nodes: {
        first: { type: 'Inner', config: { tree: 'Sub' }, to: { true: 'second' } },
        second: { type: 'Inner', config: { tree: 'Sub' }, to: { true: SUCCESS } },
      },
    },
    Sub: {
      entry: 'name',
      nodes: {
        name: { type: 'AskName', to: { outcome: 'password' } },
        password: { type: 'AskPassword', to: { outcome: SUCCESS } },
      },
    },
  });
  const step = await it.step(await it.begin(), 'demo');
  it.publish('Sub', single('AskPassword'));
  const again = await it.step(step, 'x');
  expect(again.callbacks[0]?.type).toBe('NameCallback');
});

test.each([
  [false, 0],
  [true, 1],
])('a poll inside that changes volatile keys alone writes nothing (counting %s)', async (counts, commits) => {
  const it = setUp({ Login: outer('Sub'), Sub: single('Poll', SUCCESS, { counts }) });
  const step = await it.begin();
  const before = it.store.commits;
  const again = await it.step(step);
  expect(it.store.commits - before).toBe(commits);
  expect(again.reference.nonce === step.reference.nonce).toBe(!counts);
});

describe('secrets', () => {
  const withInner = (sub: TestTree, after: string): Record<string, TestTree> => ({
    Login: {
      entry: 'name',
      nodes: {
        name: { type: 'AskName', to: { outcome: 'password' } },
        password: { type: 'AskPassword', to: { outcome: 'run' } },
        run: { type: 'Inner', config: { tree: 'Sub' }, to: { true: 'after' } },
        after: { type: after, to: { outcome: SUCCESS } },
      },
    },
    Sub: sub,
  });
  const toPassword = async (it: ReturnType<typeof setUp>) => it.step(await it.begin(), 'demo');

  test('an inner tree sees of them what its own nodes name, and the tree around gets the rest back', async () => {
    const it = setUp({
      ...withInner(
        {
          entry: 'pin',
          nodes: {
            pin: { type: 'NeedsPin', to: { outcome: 'wait' } },
            wait: { type: 'AskName', to: { outcome: SUCCESS } },
          },
        },
        'NeedsPassword',
      ),
    });
    const inside = await it.step(await toPassword(it), 'right');
    const stored = storedOf(it);
    expect(stored.shared).toMatchObject({ seen: { password: null, pin: 'right-pin' } });
    expect(stored.secure).toEqual({});
    expect(stored.hidden).toEqual([{ password: 'right' }]);
    expect(await it.answer(inside, 'demo')).toMatchObject({
      created: { session: { properties: { secret: 'right' } } },
    });
  });

  test('one that nobody ahead names, inside or around, is dropped at the next round trip', async () => {
    const it = setUp(withInner(single('AskName'), 'Look'));
    await it.step(await toPassword(it), 'right');
    expect(storedOf(it)).toMatchObject({ secure: {}, hidden: [{}] });
    expect(JSON.stringify(storedOf(it))).not.toContain('right');
  });

  test('one that a node inside an inner tree ahead names is kept until then', async () => {
    const it = setUp({
      Login: {
        entry: 'password',
        nodes: {
          password: { type: 'AskPassword', to: { outcome: 'name' } },
          name: { type: 'AskName', to: { outcome: 'run' } },
          run: { type: 'Inner', config: { tree: 'Sub' }, to: { true: SUCCESS } },
        },
      },
      Sub: outer('Deep'),
      Deep: single('NeedsPassword'),
    });
    const name = await it.step(await it.begin(), 'right');
    expect(storedOf(it).secure).toEqual({ password: 'right' });
    expect(await it.answer(name, 'demo')).toMatchObject({ created: { session: { properties: { secret: 'right' } } } });
  });

  test('one that nobody inside names is hidden also where no round trip comes between', async () => {
    const it = setUp(
      withInner(
        {
          entry: 'look',
          nodes: { look: { type: 'Look', to: { outcome: 'ask' } }, ask: { type: 'AskName', to: { outcome: SUCCESS } } },
        },
        'NeedsPassword',
      ),
    );
    await it.step(await toPassword(it), 'right');
    expect(storedOf(it).shared).toMatchObject({ seen: { password: null, pin: null } });
  });
});

test('what it wants of the session, the words of a failure and the news of success reach over', async () => {
  told.length = 0;
  const both: TestTree = {
    entry: 'wantsOptions',
    nodes: {
      wantsOptions: { type: 'WantsOptions', to: { outcome: 'listener' } },
      listener: { type: 'Listener', to: { outcome: 'name' } },
      name: { type: 'AskName', to: { outcome: SUCCESS } },
    },
  };
  const it = setUp({
    Login: outer('Sub'),
    Sub: both,
    Fails: {
      ...outer('Sub'),
      entry: 'run',
      nodes: { run: { type: 'Inner', config: { tree: 'Sub' }, to: { true: FAILURE } } },
    },
  });
  const end = await it.answer(await it.begin(), 'demo');
  if (end.kind !== 'success' || end.created === undefined) throw new TypeError('no session');
  const { session } = end.created;
  expect(session.properties.colour).toBe('green');
  expect(session.maxExpiresAt - session.createdAt).toBe(7 * 60_000);
  expect(told).toEqual(['listener']);
  await expect(it.answer(await it.begin('Fails'), 'demo')).rejects.toMatchObject({
    code: 'LOGIN_FAILED',
    detail: { message: 'Come back tomorrow.' },
  });
});

test('the settings of an inner tree about session and time do not count', async () => {
  const it = setUp({
    Login: outer('Sub'),
    Sub: { ...single('AskName'), settings: { noSession: true, maximumSessionTime: 1, treeTimeout: 1, mustRun: true } },
  });
  const step = await it.begin();
  expect(step.reference.expiresAt - it.clock.now()).toBe(5 * 60_000);
  const end = await it.answer(step, 'demo');
  if (end.kind !== 'success' || end.created === undefined) throw new TypeError('no session');
  expect(end.created.session.maxExpiresAt - end.created.session.createdAt).toBe(120 * 60_000);
});

test('an audited journey of trees in trees has one beginning and one end', async () => {
  const it = setUp({ Login: outer('Sub'), Sub: single('AskName') });
  await it.answer(await it.begin(), 'demo');
  expect(it.store.audit.map(({ event }) => event)).toEqual(['JOURNEY_START', 'JOURNEY_END', 'SESSION_CREATE']);
});
