import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { backChannelsAdapter } from '../adapters/back-channels-adapter.ts';
import { nameCallback, textOutputCallback } from '../callbacks/catalogue.ts';
import { backChannels } from '../model/back-channels.ts';
import { FAILURE, SUCCESS } from '../model/tree.ts';
import { defineNode } from '../node/node-definition.ts';
import { required, stateKey } from '../state/state-key.ts';
import {
  fakeRequest,
  journeyHarness,
  memoryDirectory,
  publishedTree,
  seededRandom,
  simulatedClock,
  storedJourney,
  type TestStep,
  type TestTree,
  testRealm,
  testUserId,
} from '../testing/index.ts';
import { Bindings } from '../unit-of-work/unit-of-work.ts';

const username = stateKey.shared('username', z.string());
const transaction = stateKey.shared('transaction', z.string());
const missing = stateKey.shared('missing', z.string());
const base = { title: 'x', help: 'x', tags: [], config: z.object({}), outcomes: { outcome: 'Outcome' } } as const;

const data = { realm: '/other', authLevel: 9, username: 'given', about: { amount: 7 } };

/** Asks for the tree that it names, for a user or for anybody. */
const ask = defineNode({
  ...base,
  type: 'Ask',
  config: z.object({ tree: z.string(), subject: z.string().optional(), allowRetry: z.boolean().default(true) }),
  outcomes: { outcome: 'Outcome', refused: 'Refused' },
  outputs: [transaction],
  uses: [backChannels],
  async process({ config, state, ports, goTo }) {
    const name = config.subject;
    const subject = name === undefined ? undefined : await memoryDirectory({ [name]: {} }).find('/', name);
    const opened = ports.backChannels.open({
      tree: config.tree,
      ...(subject && { subject }),
      data,
      seconds: 60,
      allowRetry: config.allowRetry,
    });
    if (opened === undefined) return goTo('refused');
    state.set(transaction, opened.id);
    return goTo('outcome');
  },
});

/** Shows how far it is with the id in state, or with the one that is typed. */
const watch = defineNode({
  ...base,
  type: 'Watch',
  outputs: [transaction],
  uses: [backChannels],
  async process({ state, ports, answered, send }) {
    const typed = answered(nameCallback);
    if (typed !== undefined && typed !== '') state.set(transaction, typed);
    const progress = await ports.backChannels.progress(state.get(transaction) ?? '');
    return send(nameCallback({ prompt: JSON.stringify(progress) }));
  },
});

/** Takes a name for a proof. */
const prove = defineNode({
  ...base,
  type: 'Prove',
  outputs: [username],
  outcomes: { outcome: 'Outcome', no: 'No' },
  proves: ['push'],
  async process({ state, journey, answered, goTo, send }) {
    const name = answered(nameCallback);
    const { shared } = state.compartments();
    if (name === undefined) return send(nameCallback({ prompt: JSON.stringify(shared) }));
    if (name === 'no') return goTo('no');
    state.set(username, name);
    journey.prove({ id: testUserId(name) }, 'push');
    return goTo('outcome');
  },
});

const tell = defineNode({
  ...base,
  type: 'Tell',
  uses: [backChannels],
  sends: [textOutputCallback],
  async process({ journey, ports, answered, goTo, send }) {
    if (answered(textOutputCallback) !== undefined) return goTo('outcome');
    const { backChannel } = journey;
    const isTold = backChannel !== undefined && (await ports.backChannels.tell(backChannel, { half: 'way' }));
    return send(textOutputCallback({ message: String(isTold), messageType: 0 }));
  },
});

const needsMissing = defineNode({
  ...base,
  type: 'NeedsMissing',
  inputs: [required(missing, 'It is missing.')],
  async process({ state, goTo }) {
    state.get(missing);
    return goTo('outcome');
  },
});

const asking = (config: Readonly<Record<string, unknown>>): TestTree => ({
  entry: 'ask',
  nodes: {
    ask: { type: 'Ask', config, to: { outcome: 'watch', refused: FAILURE } },
    watch: { type: 'Watch', to: { outcome: FAILURE } },
  },
});
const proving = (next: string): TestTree => ({
  entry: 'prove',
  nodes: {
    prove: { type: 'Prove', to: { outcome: next, no: FAILURE } },
    tell: { type: 'Tell', to: { outcome: SUCCESS } },
    broken: { type: 'NeedsMissing', to: { outcome: SUCCESS } },
  },
});
const trees: Readonly<Record<string, TestTree>> = {
  Approve: { ...proving(SUCCESS), settings: { transactionalOnly: true } },
  Tells: proving('tell'),
  Breaks: proving('broken'),
  Off: { ...proving(SUCCESS), settings: { enabled: false } },
  Inside: { ...proving(SUCCESS), settings: { innerTreeOnly: true } },
  Watch: { entry: 'watch', nodes: { watch: { type: 'Watch', to: { outcome: FAILURE } } } },
};

const setUp = (config: Readonly<Record<string, unknown>> = { tree: 'Approve' }) => {
  const clock = simulatedClock();
  const all = { ...trees, Ask: asking(config) };
  const digest = (text: string) => [...text].reverse().join('');
  const bindings = new Bindings();
  const it = journeyHarness({
    nodes: [ask, watch, prove, tell, needsMissing],
    trees: all,
    users: { demo: {}, other: {} },
    realms: [testRealm(), testRealm({ realm: '/alpha' })],
    bindings,
    clock,
  });
  bindings.bind(
    backChannels,
    backChannelsAdapter({
      reader: it.store.backChannels,
      configuration: {
        tree: (realm, name) => (name in all ? publishedTree(name, all[name as 'Ask'], 1, realm) : undefined),
      },
      clock,
      random: seededRandom(11),
      digest,
      links: ({ id }) => ({ pageLink: `/login?id=${id}`, startLink: `/json?id=${id}` }),
    }),
  );
  return it;
};
type Harness = ReturnType<typeof setUp>;

const asked = async (it: Harness) => {
  const step = await it.begin('Ask');
  const row = it.store.journeys.get(step.reference.journeyId);
  const { shared } = storedJourney(row);
  return { step, id: String(shared?.transaction) };
};
const open = async (it: Harness, id: string, realm = '/') =>
  (await it.journeys.startBackChannel({ realm, id, parameters: {}, request: fakeRequest() })) as TestStep;
const seen = ({ callbacks }: TestStep) => JSON.parse(String(callbacks[0]?.output.prompt)) as Record<string, unknown>;
/** Asks again, each time from the step that came last. */
const watching = (it: Harness, first: TestStep) => {
  let step = first;
  return async () => {
    step = await it.step(step);
    return seen(step);
  };
};
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error: { code: string }) => error.code,
  );

describe('what the other journey begins with', () => {
  test('is what it was given, but for what every journey has of its own', async () => {
    const it = setUp();
    const { id } = await asked(it);
    expect(seen(await open(it, id))).toEqual({ realm: '/', authLevel: 0, username: 'given', about: { amount: 7 } });
  });

  test('is the name of its user, whatever else was given for one', async () => {
    const it = setUp({ tree: 'Approve', subject: 'demo' });
    const { id } = await asked(it);
    expect(seen(await open(it, id))).toMatchObject({ username: 'demo' });
  });
});

describe('a journey', () => {
  test.each(['Nowhere', 'Off', 'Inside'])('that is %s cannot be asked for', async (tree) => {
    expect(await codeOf(setUp({ tree }).begin('Ask'))).toBe('LOGIN_FAILED');
  });

  test('is run although the browser has a session of its user', async () => {
    const it = setUp({ tree: 'Approve', subject: 'demo' });
    const first = await it.answer(await open(it, (await asked(it)).id), 'demo');
    const session = first.kind === 'success' ? first.created?.session : undefined;
    const { id } = await asked(it);
    const request = fakeRequest({ ...(session && { session }) });
    const again = await it.journeys.startBackChannel({ realm: '/', id, parameters: {}, request });
    expect(again.kind).toBe('step');
  });

  test('that ends in an error is a try like another', async () => {
    const it = setUp({ tree: 'Breaks', allowRetry: false });
    const { step, id } = await asked(it);
    expect(await codeOf(it.answer(await open(it, id), 'demo'))).toBe('NODE_FAILED');
    expect(await watching(it, step)()).toEqual({ status: 'denied' });
    expect(await codeOf(open(it, id))).toBe('BACK_CHANNEL_GONE');
  });

  test('of another user gets no session, and closes what allows one try', async () => {
    const it = setUp({ tree: 'Approve', subject: 'demo', allowRetry: false });
    const { step, id } = await asked(it);
    expect(await codeOf(it.answer(await open(it, id), 'other'))).toBe('LOGIN_FAILED');
    expect(it.store.sessions.size).toBe(0);
    expect(it.store.audit.filter(({ event }) => event === 'AUTH_FAIL')).toMatchObject([
      { outcome: 'otherUser', userId: testUserId('other') },
    ]);
    expect(await watching(it, step)()).toEqual({ status: 'denied' });
  });

  test('that comes second to an end gets no session, even when both come at the same moment', async () => {
    const it = setUp();
    const { id } = await asked(it);
    const [one, other] = [await open(it, id), await open(it, id)];
    it.store.beforeCommit = async () => {
      await it.answer(one, 'demo');
    };
    expect(await codeOf(it.answer(other, 'other'))).toBe('LOGIN_FAILED');
    expect([...it.store.sessions.values()].map((session) => session.username)).toEqual(['demo']);
  });
});

describe('the journey that asked', () => {
  test('learns of the start, of what it is told, and of the session at the end', async () => {
    const it = setUp({ tree: 'Tells' });
    const { step, id } = await asked(it);
    expect(seen(step)).toEqual({ status: 'created' });
    const progress = watching(it, step);
    const started = await open(it, id);
    expect(await progress()).toEqual({ status: 'started' });
    const telling = await it.step(started, 'demo');
    expect(telling.callbacks[0]?.output.message).toBe('true');
    expect(await progress()).toEqual({ status: 'started', notice: { half: 'way' } });
    await it.answer(telling);
    expect(await progress()).toMatchObject({ status: 'approved', properties: { Service: 'Tells' } });
  });

  test('has proven and walked nothing by it: what the other session has is told, and stays that session’s (OIDC-12)', async () => {
    const it = setUp({ tree: 'Approve' });
    const { step, id } = await asked(it);
    const progress = watching(it, step);
    const walked = await it.answer(await open(it, id), 'demo');
    const at = it.clock.now();
    const proofs = { AuthFactors: `push@${at}`, Journeys: `Approve@${at}` };
    expect(walked).toMatchObject({ created: { session: { properties: proofs } } });
    expect(await progress()).toMatchObject({ status: 'approved', properties: proofs });
    const own = storedJourney(it.store.journeys.get(step.reference.journeyId));
    expect(own.factors).toBeUndefined();
    expect(own.sessionOptions?.properties).toEqual({});
  });

  test('is the only one that does: another journey with the id learns nothing', async () => {
    const it = setUp();
    const { id } = await asked(it);
    const other = await it.begin('Watch');
    expect(seen(await it.step(other, id))).toEqual({ status: 'unknown' });
  });

  test('of another realm does not have it', async () => {
    const it = setUp();
    const { id } = await asked(it);
    expect(await codeOf(open(it, id, '/alpha'))).toBe('BACK_CHANNEL_GONE');
    expect((await open(it, id)).kind).toBe('step');
  });
});

test('nobody is told by a journey that nobody asked for, and by one whose time is up', async () => {
  const it = setUp({ tree: 'Tells' });
  const alone = await it.step(await it.begin('Tells'), 'demo');
  expect(alone.callbacks[0]?.output.message).toBe('false');
  const { id } = await asked(it);
  const started = await open(it, id);
  it.clock.advance(60_000);
  expect((await it.step(started, 'demo')).callbacks[0]?.output.message).toBe('false');
});
