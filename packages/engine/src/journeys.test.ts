import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  confirmationCallback,
  NOT_PRESSED,
  nameCallback,
  passwordCallback,
  pollingWaitCallback,
} from './callbacks/catalogue.ts';
import { clock as clockPort } from './clock.ts';
import type { JourneyErrorCode } from './errors.ts';
import type { JourneyParameters, JourneyReference } from './journey-requests.ts';
import { defineNode } from './node-definition.ts';
import { required, stateKey } from './state-key.ts';
import { Bindings } from './submit.ts';
import {
  fakeRequest,
  journeyHarness,
  simulatedClock,
  storedJourney,
  submitted,
  type TestTree,
  testRealm,
} from './testing/index.ts';
import { FAILURE, SUCCESS } from './tree.ts';

const username = stateKey.shared('username', z.string());
const password = stateKey.transient('password', z.string());
const waitEnd = stateKey.ownedByNode('end_time', z.int(), { volatile: true });
const passes = stateKey.ownedByNode('passes', z.int());

const base = { title: 'x', help: 'x', tags: [], config: z.object({}), outcomes: { outcome: 'Outcome' } } as const;

const askName = defineNode({
  ...base,
  type: 'AskName',
  outputs: [username],
  async process({ answered, state, goTo, send }) {
    const name = answered(nameCallback);
    if (name === undefined || name === '') return send(nameCallback({ prompt: 'User Name' }));
    state.set(username, name);
    return goTo('outcome');
  },
});

const askPassword = defineNode({
  ...base,
  type: 'AskPassword',
  outputs: [password],
  async process({ answered, state, goTo, send }) {
    const given = answered(passwordCallback);
    if (given === undefined) return send(passwordCallback({ prompt: 'Password' }));
    state.set(password, given);
    return goTo('outcome');
  },
});

const checkPassword = defineNode({
  ...base,
  type: 'CheckPassword',
  inputs: [username, required(password, 'Unable to authenticate')],
  outcomes: { true: 'True', false: 'False' },
  async process({ state, goTo }) {
    return goTo(state.get(password) === 'right' ? 'true' : 'false');
  },
});

const wait = defineNode({
  ...base,
  type: 'Wait',
  outcomes: { DONE: 'Done', EXITED: 'Exit' },
  outputs: [waitEnd],
  uses: [clockPort],
  async process({ answered, state, ports, goTo, send }) {
    if (answered(confirmationCallback) === 0) return goTo('EXITED');
    const end = state.get(waitEnd) ?? ports.clock.now() + 5_000;
    if (ports.clock.now() > end) return goTo('DONE');
    state.set(waitEnd, end);
    return send(
      pollingWaitCallback({ waitTime: 5_000, message: 'Waiting' }),
      confirmationCallback({ options: ['Cancel'], selected: NOT_PRESSED }),
    );
  },
});

const audited = defineNode({
  ...base,
  type: 'Audited',
  async process({ journey, goTo }) {
    journey.audit('SEEN', { once: true });
    return goTo('outcome');
  },
});

const broken = defineNode({
  ...base,
  type: 'Broken',
  inputs: [required(username, 'Expected username to be set.')],
  errors: { lost: 'The {{what}} is lost.' },
  config: z.object({ kind: z.enum(['documented', 'unexpected', 'missing']) }),
  async process({ config, fail, state, journey, goTo }) {
    journey.audit('NEVER_WRITTEN');
    if (config.kind === 'documented') fail('lost', { what: 'key' }, new Error('disk'));
    if (config.kind === 'unexpected') throw new Error('boom');
    state.get(username);
    return goTo('outcome');
  },
});

const pass = defineNode({ ...base, type: 'Pass', process: async ({ goTo }) => goTo('outcome') });

const counted = defineNode({
  ...base,
  type: 'Counted',
  config: z.object({ failing: z.boolean().default(false) }),
  outputs: [passes],
  errors: { hook: 'Failed operation on user attributes' },
  async process({ state, goTo }) {
    state.set(passes, (state.get(passes) ?? 0) + 1);
    return goTo('outcome');
  },
  async onJourneySuccess({ config, fail, report }) {
    if (config.failing) fail('hook');
    report('hook');
  },
});

const page = defineNode({
  ...base,
  type: 'Holder',
  config: z.object({ nodes: z.array(z.string()) }),
  children: ({ nodes }) => nodes,
  outcomes: (_config, children) => children.at(-1)?.outcomes ?? {},
  async process({ children }) {
    let last: Awaited<ReturnType<(typeof children)[number]['process']>> | undefined;
    for (const child of children) last = await child.process([], []);
    return last ?? { kind: 'goTo', outcome: '' };
  },
});

const login: TestTree = {
  entry: 'name',
  nodes: {
    name: { type: 'AskName', to: { outcome: 'password' } },
    password: { type: 'AskPassword', to: { outcome: 'wait' } },
    wait: { type: 'Wait', to: { DONE: 'check', EXITED: FAILURE } },
    check: { type: 'CheckPassword', to: { true: SUCCESS, false: FAILURE } },
  },
};

const harness = (trees: Record<string, TestTree> = { Login: login }, realms = [testRealm()]) => {
  const clock = simulatedClock();
  return journeyHarness({
    nodes: [askName, askPassword, checkPassword, wait, audited, broken, pass, counted, page],
    trees,
    users: { demo: {}, gone: { inetUserStatus: ['Inactive'] } },
    realms,
    clock,
    bindings: new Bindings().bind(clockPort, () => clock),
  });
};

const rejection = async (promise: Promise<unknown>): Promise<{ code: JourneyErrorCode; detail: unknown }> =>
  promise.then(
    () => {
      throw new Error('It was answered.');
    },
    (error: unknown) => error as { code: JourneyErrorCode; detail: unknown },
  );
const codeOf = async (promise: Promise<unknown>) => (await rejection(promise)).code;

/** Up to the wait, with a name and a password given. */
const waiting = async (it: ReturnType<typeof harness>, secret = 'right') => {
  const first = await it.begin();
  const second = await it.step(first, 'demo');
  return it.step(second, secret);
};

describe('what a journey refuses', () => {
  test('an authId in the realm of another', async () => {
    const it = harness({ Login: login }, [testRealm(), testRealm({ realm: '/alpha' })]);
    const first = await it.begin();
    const foreign = it.post(first.reference, submitted(first, ['demo']), { realm: '/alpha' });
    expect(await codeOf(foreign)).toBe('JOURNEY_EXPIRED');
    await expect(it.step(first, 'demo')).resolves.toMatchObject({ kind: 'step' });
  });

  test('a realm that does not exist or is switched off', async () => {
    const it = harness({ Login: login }, [testRealm(), testRealm({ realm: '/off', active: false })]);
    const start = (realm: string) => it.journeys.start({ realm, parameters: {}, request: fakeRequest() });
    expect(await codeOf(start('/none'))).toBe('REALM_UNKNOWN');
    expect(await codeOf(start('/off'))).toBe('REALM_UNKNOWN');
  });

  test.each([{ enabled: false }, { innerTreeOnly: true }, { transactionalOnly: true }])(
    'a tree with %j',
    async (settings) => {
      const it = harness({ Login: login, Other: { ...login, settings } });
      expect(await codeOf(it.start('Other'))).toBe('TREE_NOT_FOUND');
    },
  );

  test('a tree that does not exist', async () => {
    expect(await codeOf(harness().start('None'))).toBe('TREE_NOT_FOUND');
  });

  test('any submit once the time is up, also of a step that was never stored', async () => {
    const it = harness();
    const first = await it.begin();
    const stored = await it.step(await it.begin(), 'demo');
    it.clock.advance(5 * 60_000);
    expect(await codeOf(it.answer(first, 'demo'))).toBe('JOURNEY_EXPIRED');
    expect(await codeOf(it.answer(stored, 'right'))).toBe('JOURNEY_EXPIRED');
  });

  test('the limit of the tree goes before the one of the realm', async () => {
    const it = harness({ Login: { ...login, settings: { treeTimeout: 15 } } });
    const first = await it.begin();
    it.clock.advance(14 * 60_000);
    await expect(it.step(first, 'demo')).resolves.toBeDefined();
    it.clock.advance(60_000);
    expect(await codeOf(it.answer(first, 'demo'))).toBe('JOURNEY_EXPIRED');
  });

  test('a journey of which nothing is known', async () => {
    const it = harness();
    const { start: _, ...stored } = (await it.begin()).reference;
    expect(await codeOf(it.post(stored as JourneyReference, []))).toBe('JOURNEY_EXPIRED');
  });

  test('callbacks that do not fit, without using up the step (SEC-40)', async () => {
    const it = harness();
    const second = await it.step(await it.begin(), 'demo');
    const commits = it.store.commits;
    const types = [{ type: 'NameCallback', input: { '': 'x' } }];
    const values = [{ type: 'PasswordCallback', input: { '': 1 } }];
    expect(await codeOf(it.post(second.reference, []))).toBe('CALLBACK_COUNT');
    expect(await codeOf(it.post(second.reference, types))).toBe('CALLBACK_TYPE');
    expect(await codeOf(it.post(second.reference, values))).toBe('CALLBACK_VALUE');
    expect(it.store.commits).toBe(commits);
    await expect(it.step(second, 'right')).resolves.toMatchObject({ kind: 'step' });
  });

  test('callbacks that do not fit a step that is not stored', async () => {
    const it = harness();
    const first = await it.begin();
    expect(await codeOf(it.post(first.reference, []))).toBe('CALLBACK_COUNT');
    expect(it.store.journeys.size).toBe(0);
    await expect(it.step(first, 'demo')).resolves.toBeDefined();
  });
});

describe('what is stored (design.md decision 1)', () => {
  test('a first step that only asks writes nothing, and neither does asking for it again', async () => {
    const it = harness();
    const first = await it.begin();
    const again = await it.post(first.reference);
    expect(again).toMatchObject({ kind: 'step', callbacks: first.callbacks });
    expect(it.store).toMatchObject({ commits: 0, audit: [] });
    expect(it.store.journeys.size).toBe(0);
  });

  describe('by a glimpse at a start', () => {
    const glimpse = (it: ReturnType<typeof harness>, parameters: JourneyParameters = {}) =>
      it.journeys.glimpse({ realm: '/', parameters, request: fakeRequest() });
    const beginsWith = (node: TestTree['nodes'][string]): TestTree => ({
      ...login,
      entry: 'before',
      nodes: { ...login.nodes, before: node },
    });

    test('shows a first step that only asks, and the journey goes on from it', async () => {
      const it = harness();
      const seen = await glimpse(it);
      if (seen?.kind !== 'step') throw new Error('There is no step.');
      expect(it.store).toMatchObject({ commits: 0, audit: [] });
      await expect(it.step(seen, 'demo')).resolves.toMatchObject({ kind: 'step' });
    });

    test.each([
      ['has an effect', beginsWith({ type: 'Audited', to: { outcome: 'name' } })],
      ['changes the state', beginsWith({ type: 'Counted', to: { outcome: 'name' } })],
      ['fails at once', beginsWith({ type: 'Pass', to: { outcome: FAILURE } })],
      ['succeeds at once', beginsWith({ type: 'Pass', to: { outcome: SUCCESS } })],
      ['breaks', beginsWith({ type: 'Broken', config: { kind: 'unexpected' }, to: { outcome: 'name' } })],
    ])('shows nothing of a journey that %s, and writes nothing', async (_how, tree) => {
      const it = harness({ Login: tree });
      expect(await glimpse(it)).toBeUndefined();
      expect(it.store).toMatchObject({ commits: 0, audit: [] });
      expect(it.store.journeys.size).toBe(0);
    });

    test('shows nothing of a journey whose parameters do not fit into an authId', async () => {
      expect(await glimpse(harness(), { goto: `https://x.example/${'a'.repeat(1_100)}` })).toBeUndefined();
    });

    test('is refused for what a start is refused for', async () => {
      const it = harness();
      const request = fakeRequest();
      expect(await codeOf(it.journeys.glimpse({ realm: '/none', parameters: {}, request }))).toBe('REALM_UNKNOWN');
      expect(await codeOf(it.journeys.glimpse({ realm: '/', tree: 'None', parameters: {}, request }))).toBe(
        'TREE_NOT_FOUND',
      );
    });
  });

  test('a first step that came with an effect is stored at once', async () => {
    const tree = {
      ...login,
      entry: 'seen',
      nodes: { ...login.nodes, seen: { type: 'Audited', to: { outcome: 'name' } } },
    };
    const it = harness({ Login: tree });
    const first = await it.begin();
    expect(it.store.journeys.size).toBe(1);
    expect(first.reference.start).toBeUndefined();
    await it.step(first, 'demo');
    expect(it.store.audit.map(({ event }) => event)).toEqual(['JOURNEY_START', 'SEEN']);
  });

  test('parameters too long for an authId are stored', async () => {
    const it = harness();
    const first = await it.begin(undefined, { goto: `/${'x'.repeat(2_000)}` });
    expect(first.reference.start).toBeUndefined();
    expect(it.store.journeys.size).toBe(1);
  });

  test('the start is audited with the first submit', async () => {
    const it = harness();
    await it.step(await it.begin(), 'demo');
    expect(it.store.audit).toMatchObject([{ event: 'JOURNEY_START', journey: 'Login', realm: '/' }]);
  });

  test('a first submit that changes nothing writes nothing', async () => {
    const it = harness();
    const first = await it.begin();
    const again = await it.step(first, '');
    expect(again.reference).toEqual(first.reference);
    expect(it.store.commits).toBe(0);
  });

  test('a poll that changes nothing answers with the same step and writes nothing', async () => {
    const it = harness();
    const step = await waiting(it);
    const commits = it.store.commits;
    it.clock.advance(1_000);
    const again = await it.step(step);
    expect(again).toEqual(step);
    expect(it.store.commits).toBe(commits);
  });

  test('asking for the current step without callbacks never moves it', async () => {
    const it = harness();
    const step = await waiting(it);
    const commits = it.store.commits;
    it.clock.advance(10_000);
    await expect(it.post(step.reference)).resolves.toEqual(step);
    expect(it.store.commits).toBe(commits);
  });

  test('the password outlives a wait only as secure state, for the node ahead that declares it', async () => {
    const it = harness();
    const step = await waiting(it);
    const stored = storedJourney(it.store.journeys.get(step.reference.journeyId));
    expect(stored.secure).toEqual({ password: 'right' });
    expect(stored.shared).not.toHaveProperty('password');
    it.clock.advance(6_000);
    await expect(it.answer(step)).resolves.toMatchObject({ kind: 'success' });
  });
});

describe('an authId', () => {
  test('moves a journey once; another payload with it is refused', async () => {
    const it = harness();
    const second = await it.step(await it.begin(), 'demo');
    await it.step(second, 'right');
    expect(await codeOf(it.answer(second, 'other'))).toBe('JOURNEY_EXPIRED');
  });

  test('of a step that was not stored moves a journey once, too', async () => {
    const it = harness();
    const first = await it.begin();
    await it.step(first, 'demo');
    expect(await codeOf(it.answer(first, 'other'))).toBe('JOURNEY_EXPIRED');
  });

  test('with the same payload gets the same step again for 60 s, and not after (SEC-39)', async () => {
    const it = harness();
    const second = await it.step(await it.begin(), 'demo');
    const third = await it.step(second, 'right');
    const commits = it.store.commits;
    it.clock.advance(60_000);
    await expect(it.step(second, 'right')).resolves.toEqual(third);
    expect(it.store.commits).toBe(commits);
    it.clock.advance(1);
    expect(await codeOf(it.answer(second, 'right'))).toBe('JOURNEY_EXPIRED');
  });

  test('is not answered again once the journey is two steps on', async () => {
    const it = harness();
    const first = await it.begin();
    const second = await it.step(first, 'demo');
    await it.step(second, 'right');
    expect(await codeOf(it.answer(first, 'demo'))).toBe('JOURNEY_EXPIRED');
  });

  test('of a finished journey starts nothing, and its success is never replayed', async () => {
    const it = harness();
    const step = await waiting(it);
    it.clock.advance(6_000);
    await it.answer(step);
    expect(await codeOf(it.answer(step))).toBe('JOURNEY_EXPIRED');
    expect(it.store.sessions.size).toBe(1);
  });

  test('sent 50 times at once advances the journey once, and all get the same step', async () => {
    const it = harness();
    const second = await it.step(await it.begin(), 'demo');
    const commits = it.store.commits;
    const answers = await Promise.all(Array.from({ length: 50 }, () => it.step(second, 'right')));
    expect(new Set(answers.map(({ reference }) => reference.nonce)).size).toBe(1);
    expect(it.store.commits).toBe(commits + 1);
  });

  test('sent at once with 50 different payloads has one winner', async () => {
    const it = harness();
    const first = await it.begin();
    const results = await Promise.allSettled(Array.from({ length: 50 }, (_, at) => it.step(first, `user-${at}`)));
    const lost = results.filter((result) => result.status === 'rejected');
    expect(lost.map(({ reason }) => reason.code)).toEqual(Array.from({ length: 49 }, () => 'JOURNEY_EXPIRED'));
    expect(it.store.journeys.size).toBe(1);
  });
});

describe('a commit that lost against another', () => {
  test('is run again from what is stored now, with nothing of the first try left', async () => {
    const it = harness({
      Login: {
        entry: 'name',
        nodes: {
          name: { type: 'AskName', to: { outcome: 'seen' } },
          seen: { type: 'Audited', to: { outcome: 'password' } },
          password: { type: 'AskPassword', to: { outcome: SUCCESS } },
        },
      },
    });
    const first = await it.begin();
    let mine: unknown;
    it.store.beforeCommit = async () => {
      mine = await it.step(first, 'demo');
    };
    const other = await it.step(first, 'demo');
    expect(other).toEqual(mine);
    expect(it.store.audit.map(({ event }) => event)).toEqual(['JOURNEY_START', 'SEEN']);
  });

  test('loses for good when the other used the step for something else', async () => {
    const it = harness();
    const first = await it.begin();
    it.store.beforeCommit = async () => {
      await it.step(first, 'other');
    };
    expect(await codeOf(it.answer(first, 'demo'))).toBe('JOURNEY_EXPIRED');
  });

  test('is given up as OVERLOADED when it never gets through', async () => {
    const it = harness();
    const first = await it.begin();
    const { commit } = it.store;
    it.store.commit = async () => ({ committed: false, verb: 'journey.insert' });
    expect(await codeOf(it.answer(first, 'demo'))).toBe('OVERLOADED');
    it.store.commit = commit;
    await expect(it.step(first, 'demo')).resolves.toBeDefined();
  });
});

describe('a node that cannot do its work', () => {
  const with_ = (kind: string): TestTree => ({
    entry: 'wait',
    nodes: {
      wait: { type: 'Wait', to: { DONE: 'broken', EXITED: 'broken' } },
      broken: { type: 'Broken', config: { kind }, to: { outcome: SUCCESS } },
    },
  });

  test.each([
    ['documented', 'The key is lost.'],
    ['missing', 'Expected username to be set.'],
    ['unexpected', 'Error: boom'],
  ])('ends the journey in error; the log has the words (%s)', async (kind, words) => {
    const it = harness({ Login: with_(kind) });
    const step = await it.begin();
    const failure = await rejection(it.answer(step, undefined, 0));
    expect(failure.code).toBe('NODE_FAILED');
    expect(it.log.lines).toMatchObject([
      {
        level: 'error',
        msg: words,
        fields: {
          journey: 'Login',
          nodeType: 'Broken',
          nodeId: 'broken',
          realm: '/',
          transactionId: 'test-transaction',
        },
      },
    ]);
    expect(it.store.audit.map(({ event, outcome }) => [event, outcome])).toEqual([
      ['JOURNEY_START', undefined],
      ['JOURNEY_END', 'error'],
    ]);
    expect(await codeOf(it.answer(step, undefined, 0))).toBe('JOURNEY_EXPIRED');
    expect(it.store.sessions.size).toBe(0);
  });

  test('of a type that this server lacks fails when it is reached, not before', async () => {
    const it = harness({
      Login: {
        entry: 'name',
        nodes: {
          name: { type: 'AskName', to: { outcome: 'other' } },
          other: { type: 'OtherNode', to: { done: SUCCESS } },
        },
      },
    });
    const first = await it.begin();
    expect(await codeOf(it.answer(first, 'demo'))).toBe('NODE_FAILED');
    expect(it.log.lines).toMatchObject([{ msg: 'This server has no node of type OtherNode.' }]);
  });

  test('and a tree that runs in a circle fails instead of hanging', async () => {
    const it = harness({
      Login: {
        entry: 'a',
        nodes: { a: { type: 'Pass', to: { outcome: 'b' } }, b: { type: 'Pass', to: { outcome: 'a' } } },
      },
    });
    expect(await codeOf(it.start())).toBe('NODE_FAILED');
  });

  test('in its success hook ends the journey, too, and no session is made', async () => {
    const it = harness({
      Login: {
        entry: 'name',
        nodes: {
          name: { type: 'AskName', to: { outcome: 'count' } },
          count: { type: 'Counted', config: { failing: true }, to: { outcome: SUCCESS } },
        },
      },
    });
    const first = await it.begin();
    expect(await codeOf(it.answer(first, 'demo'))).toBe('NODE_FAILED');
    expect(it.store.sessions.size).toBe(0);
    expect(await codeOf(it.answer(first, 'demo'))).toBe('JOURNEY_EXPIRED');
    expect(it.log.lines).toMatchObject([{ msg: 'Failed operation on user attributes' }]);
  });
});

describe('the end of a journey', () => {
  test('a wrong password is a failure without a session', async () => {
    const it = harness();
    const step = await waiting(it, 'wrong');
    it.clock.advance(6_000);
    const failure = await rejection(it.answer(step));
    expect(failure).toMatchObject({ code: 'LOGIN_FAILED', detail: { failureUrl: '' } });
    expect(it.store.sessions.size).toBe(0);
    expect(it.store.audit.at(-1)).toMatchObject({ event: 'JOURNEY_END', outcome: 'failure' });
  });

  test.each([
    ['nobody', 'unknown'],
    ['gone', 'inactive'],
  ])('a journey for %s succeeds for nobody', async (name, why) => {
    const it = harness({ Login: { entry: 'n', nodes: { n: { type: 'AskName', to: { outcome: SUCCESS } } } } });
    const failure = await rejection(it.answer(await it.begin(), name));
    expect(failure).toMatchObject({ code: 'ACCOUNT_UNUSABLE', detail: { why } });
    expect(it.store.audit.map(({ event }) => event)).toEqual(['JOURNEY_START', 'AUTH_FAIL']);
    expect(it.store.sessions.size).toBe(0);
  });

  const short: TestTree = { entry: 'n', nodes: { n: { type: 'AskName', to: { outcome: SUCCESS } } } };

  test('success makes a session with the times of tree and realm', async () => {
    const it = harness({ Login: { ...short, settings: { maximumSessionTime: 10 } } });
    const answer = await it.answer(await it.begin(), 'demo');
    expect(answer).toMatchObject({
      kind: 'success',
      successUrl: '/am/console',
      created: {
        token: 'token-1',
        session: {
          username: 'demo',
          maxExpiresAt: it.clock.now() + 600_000,
          maxIdleMillis: 1_800_000,
          properties: { Service: 'Login', AuthLevel: '0' },
        },
      },
    });
    expect(it.store.sessions.size).toBe(1);
  });

  test('a followed goto is one that is allowed; another is dropped (SEC-64)', async () => {
    const it = harness({ Login: short });
    const to = async (goto: string) => it.answer(await it.begin(undefined, { goto }), 'demo');
    await expect(to('/app')).resolves.toMatchObject({ successUrl: '/app' });
    await expect(to('https://evil.example')).resolves.toMatchObject({ successUrl: '/am/console' });
  });

  test.each([
    ['the caller', {}, { noSession: true }],
    ['the tree', { noSession: true }, {}],
  ])('no session where %s wants none', async (_who, settings, parameters) => {
    const it = harness({ Login: { ...short, settings } });
    const answer = await it.answer(await it.begin(undefined, parameters), 'demo');
    expect(answer).toMatchObject({ kind: 'success' });
    expect(answer).not.toHaveProperty('created');
    expect(it.store.sessions.size).toBe(0);
  });

  test('nodes inside a page are told of success, and so are those of earlier requests', async () => {
    const it = harness({
      Login: {
        entry: 'page',
        nodes: {
          page: { type: 'Holder', config: { nodes: ['inner'] }, to: { outcome: 'name' } },
          name: { type: 'AskName', to: { outcome: SUCCESS } },
        },
        inside: { inner: { type: 'Counted' } },
      },
    });
    await it.answer(await it.begin(), 'demo');
    expect(it.log.lines).toMatchObject([{ level: 'warn', fields: { nodeId: 'inner' } }]);
  });
});

describe('a caller with a session', () => {
  const short: TestTree = { entry: 'n', nodes: { n: { type: 'AskName', to: { outcome: SUCCESS } } } };
  const signedIn = async (settings = {}) => {
    const it = harness({ Login: { ...short, settings }, Other: short });
    const answer = await it.answer(await it.begin(), 'demo');
    const session = answer.kind === 'success' ? answer.created?.session : undefined;
    if (session === undefined) throw new Error('No session was made.');
    return { it, session, request: fakeRequest({ session }) };
  };

  test('of this journey is answered at once, with that session', async () => {
    const { it, session, request } = await signedIn();
    const answer = { kind: 'success', existing: session };
    await expect(it.start('Login', {}, request)).resolves.toMatchObject(answer);
    await expect(it.start(undefined, {}, request)).resolves.toMatchObject(answer);
    await expect(it.journeys.glimpse({ realm: '/', parameters: {}, request })).resolves.toMatchObject(answer);
    expect(it.store.sessions.size).toBe(1);
  });

  test('of another journey has to walk this one', async () => {
    const { it, request } = await signedIn();
    await expect(it.start('Other', {}, request)).resolves.toMatchObject({ kind: 'step' });
  });

  test('walks a tree that must run, and one that ForceAuth asks for', async () => {
    const forced = await signedIn();
    await expect(forced.it.start('Login', { forceAuth: true }, forced.request)).resolves.toMatchObject({
      kind: 'step',
    });
    const must = await signedIn({ mustRun: true });
    await expect(must.it.start('Login', {}, must.request)).resolves.toMatchObject({ kind: 'step' });
  });

  test('gets a new session for the old one, which ends', async () => {
    const { it, session, request } = await signedIn();
    const step = await it.start('Login', { forceAuth: true }, request);
    if (step.kind !== 'step') throw new Error('It did not run.');
    await it.post(step.reference, submitted(step, ['demo']), { request });
    expect([...it.store.sessions.keys()]).toEqual(['hash-2']);
    expect(session.tokenHash).toBe('hash-1');
  });
});

test('a journey under way finishes on the version it began with', async () => {
  const short: TestTree = { entry: 'n', nodes: { n: { type: 'AskName', to: { outcome: SUCCESS } } } };
  const it = harness({ Login: short });
  const old = await it.begin();
  it.publish('Login', { ...short, nodes: { n: { type: 'AskName', to: { outcome: FAILURE } } } });
  const fresh = await it.begin();
  await expect(it.answer(old, 'demo')).resolves.toMatchObject({ kind: 'success' });
  expect(await codeOf(it.answer(fresh, 'demo'))).toBe('LOGIN_FAILED');
});
