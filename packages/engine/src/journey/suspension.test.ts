import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { nameCallback, suspendedTextOutputCallback } from '../callbacks/catalogue.ts';
import { FAILURE, SUCCESS } from '../model/tree.ts';
import { defineNode } from '../node/node-definition.ts';
import { required, stateKey } from '../state/state-key.ts';
import { journeyHarness, storedJourney, submitted, type TestStep, type TestTree, testRealm } from '../testing/index.ts';

const username = stateKey.shared('username', z.string());
const link = stateKey.shared('link', z.string());
const secret = stateKey.transient('secret', z.string());

const base = { title: 'x', help: 'x', tags: [], outcomes: { outcome: 'Outcome' } } as const;

const collect = defineNode({
  ...base,
  type: 'Collect',
  config: z.object({}),
  outputs: [username, secret],
  async process({ answered, state, goTo, send }) {
    const name = answered(nameCallback);
    if (name === undefined) return send(nameCallback({ prompt: 'User Name' }));
    state.set(username, name);
    state.set(secret, 'kept');
    return goTo('outcome');
  },
});

const rest = defineNode({
  ...base,
  type: 'Rest',
  config: z.object({ minutes: z.int().optional() }),
  outputs: [link],
  async process({ config, journey, resumed, state, goTo, send }) {
    if (resumed) return goTo('outcome');
    state.set(link, journey.suspend(config.minutes));
    return send(suspendedTextOutputCallback({ message: 'See your mail.', messageType: 0 }));
  },
});

const needsSecret = defineNode({
  ...base,
  type: 'NeedsSecret',
  config: z.object({}),
  inputs: [required(secret, 'The secret is gone.')],
  async process({ state, goTo }) {
    state.get(secret);
    return goTo('outcome');
  },
});

const inner = defineNode({
  ...base,
  type: 'Inner',
  config: z.object({ tree: z.string() }),
  innerTree: ({ tree }) => tree,
  outcomes: { true: 'True', false: 'False' },
  sends: 'anything',
  async process({ runInnerTree, goTo, send }) {
    const end = await runInnerTree();
    if (end.kind === 'step') return send(...end.callbacks);
    return goTo(end.kind === 'success' ? 'true' : 'false');
  },
});

const magicLink: TestTree = {
  entry: 'collect',
  nodes: {
    collect: { type: 'Collect', to: { outcome: 'rest' } },
    rest: { type: 'Rest', to: { outcome: 'check' } },
    check: { type: 'NeedsSecret', to: { outcome: SUCCESS } },
  },
};

const setUp = (trees: Record<string, TestTree> = { Login: magicLink }, minutes = 5) =>
  journeyHarness({
    nodes: [collect, rest, needsSecret, inner],
    trees,
    users: { demo: {} },
    realms: [testRealm({ suspendedMinutes: minutes }), testRealm({ realm: '/alpha' })],
  });

type Harness = ReturnType<typeof setUp>;

const suspend = async (it: Harness): Promise<TestStep> => it.step(await it.begin(), 'demo');

/** What the link that the node mailed says, from the stored state. */
const idOf = (it: Harness): string => {
  const [row] = [...it.store.journeys.values()];
  const { shared } = storedJourney(row);
  return new URL(String(shared?.link), 'https://x.example').searchParams.get('suspendedId') ?? '';
};
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error: { code: string }) => error.code,
  );

describe('the link', () => {
  test.each([
    ['empty', ''],
    ['no id', 'x'],
    ['no secret', '00000000-0000-4000-8000-000000000000'],
    ['another journey', '00000000-0000-4000-8000-000000000000.AAAAAAAAAAAAAAAAAAAAAAAA'],
  ])('is refused with %s', async (_what, suspendedId) => {
    const it = setUp();
    await suspend(it);
    expect(await codeOf(it.resume(suspendedId))).toBe('SUSPENSION_GONE');
  });

  test('is refused with the journey’s id and another secret', async () => {
    const it = setUp();
    await suspend(it);
    const other = `${idOf(it).slice(0, -1)}${idOf(it).endsWith('A') ? 'B' : 'A'}`;
    expect(await codeOf(it.resume(other))).toBe('SUSPENSION_GONE');
  });

  test('is refused in another realm', async () => {
    const it = setUp();
    await suspend(it);
    expect(await codeOf(it.resume(idOf(it), { realm: '/alpha' }))).toBe('SUSPENSION_GONE');
    expect((await it.resume(idOf(it))).kind).toBe('success');
  });

  test('is refused when its time is over, to the second', async () => {
    const it = setUp({ Login: magicLink }, 30);
    await suspend(it);
    it.clock.advance(30 * 60_000 - 1);
    const late = setUp({ Login: magicLink }, 30);
    await suspend(late);
    late.clock.advance(30 * 60_000);
    expect(await codeOf(late.resume(idOf(late)))).toBe('SUSPENSION_GONE');
    expect((await it.resume(idOf(it))).kind).toBe('success');
  });

  test('works once, also when fifty browsers follow it at once', async () => {
    const it = setUp();
    await suspend(it);
    const id = idOf(it);
    const ends = await Promise.all(Array.from({ length: 50 }, () => codeOf(it.resume(id))));
    expect(ends.filter((code) => code === 'none')).toHaveLength(1);
    expect(ends.filter((code) => code === 'SUSPENSION_GONE')).toHaveLength(49);
    expect(await codeOf(it.resume(id))).toBe('SUSPENSION_GONE');
    expect(it.store.sessions.size).toBe(1);
  });

  test('is not what is stored: the row opens no journey', async () => {
    const it = setUp();
    await suspend(it);
    const [row] = [...it.store.journeys.values()];
    const [journeyId] = idOf(it).split('.');
    expect(row?.nonce).not.toBe(idOf(it).split('.')[1]);
    expect(await codeOf(it.resume(`${journeyId}.${row?.nonce.slice(-24)}`))).toBe('SUSPENSION_GONE');
  });
});

describe('a journey that rests', () => {
  test('is not moved on by its authId, with or without callbacks', async () => {
    const it = setUp();
    const step = await suspend(it);
    expect(step.callbacks.map(({ type }) => type)).toEqual(['SuspendedTextOutputCallback']);
    const commits = it.store.commits;
    expect(await it.post(step.reference)).toMatchObject({ kind: 'step', callbacks: step.callbacks });
    expect(await it.post(step.reference, submitted(step))).toMatchObject({ kind: 'step', callbacks: step.callbacks });
    expect(it.store.commits).toBe(commits);
    expect((await it.resume(idOf(it))).kind).toBe('success');
  });

  test('is not handed to the browser that began it, once another one has followed the link', async () => {
    const it = setUp({
      Login: {
        ...magicLink,
        nodes: {
          ...magicLink.nodes,
          rest: { type: 'Rest', config: { minutes: 60 }, to: { outcome: 'collect2' } },
          collect2: { type: 'Collect', to: { outcome: SUCCESS } },
        },
      },
    });
    const began = await suspend(it);
    const followed = (await it.resume(idOf(it))) as TestStep;
    expect(followed.kind).toBe('step');
    expect(await codeOf(it.post(began.reference))).toBe('JOURNEY_EXPIRED');
    expect(await codeOf(it.post(began.reference, submitted(began)))).toBe('JOURNEY_EXPIRED');
    expect((await it.answer(followed, 'demo')).kind).toBe('success');
  });

  test('outlives the time limit of a journey, and has that limit anew when it goes on', async () => {
    const it = setUp({
      Login: {
        ...magicLink,
        nodes: {
          ...magicLink.nodes,
          rest: { type: 'Rest', config: { minutes: 60 }, to: { outcome: 'collect2' } },
          collect2: { type: 'Collect', to: { outcome: SUCCESS } },
        },
      },
    });
    await suspend(it);
    it.clock.advance(59 * 60_000);
    const answer = await it.resume(idOf(it));
    expect(answer).toMatchObject({ kind: 'step', reference: { expiresAt: it.clock.now() + 5 * 60_000 } });
    it.clock.advance(4 * 60_000);
    expect((await it.answer(answer as TestStep, 'demo')).kind).toBe('success');
  });

  test('keeps its state, and the secrets that a node ahead names', async () => {
    const it = setUp();
    await suspend(it);
    const answer = await it.resume(idOf(it));
    expect(answer).toMatchObject({ kind: 'success', created: { session: { username: 'demo' } } });
  });

  test('makes no session where the link, or a look at the step before, wants none (B4)', async () => {
    const byLink = setUp();
    await suspend(byLink);
    expect(await byLink.resume(idOf(byLink), { noSession: true })).not.toHaveProperty('created');
    const byLook = setUp();
    await byLook.post((await suspend(byLook)).reference, undefined, { noSession: true });
    expect(await byLook.resume(idOf(byLook))).toMatchObject({ kind: 'success' });
    for (const it of [byLink, byLook]) expect(it.store.sessions.size).toBe(0);
  });

  test('may rest in an inner tree', async () => {
    const it = setUp({
      Login: {
        entry: 'inner',
        nodes: { inner: { type: 'Inner', config: { tree: 'Mail' }, to: { true: SUCCESS, false: FAILURE } } },
      },
      Mail: magicLink,
    });
    await suspend(it);
    expect((await it.resume(idOf(it))).kind).toBe('success');
  });

  test('may rest again, with another link', async () => {
    const it = setUp({
      Login: {
        entry: 'collect',
        nodes: {
          collect: { type: 'Collect', to: { outcome: 'rest' } },
          rest: { type: 'Rest', to: { outcome: 'again' } },
          again: { type: 'Rest', to: { outcome: SUCCESS } },
        },
      },
    });
    await suspend(it);
    const first = idOf(it);
    expect((await it.resume(first)).kind).toBe('step');
    expect(await codeOf(it.resume(first))).toBe('SUSPENSION_GONE');
    expect((await it.resume(idOf(it))).kind).toBe('success');
  });

  test('may rest before it has asked anything, which is stored at once', async () => {
    const it = setUp({
      Login: {
        entry: 'rest',
        nodes: {
          rest: { type: 'Rest', to: { outcome: 'collect' } },
          collect: { type: 'Collect', to: { outcome: SUCCESS } },
        },
      },
    });
    await it.begin();
    expect((await it.resume(idOf(it))).kind).toBe('step');
  });

  test('is on record', async () => {
    const it = setUp();
    await suspend(it);
    await it.resume(idOf(it));
    expect(it.store.audit.map(({ event }) => event)).toEqual([
      'JOURNEY_START',
      'JOURNEY_SUSPEND',
      'JOURNEY_END',
      'SESSION_CREATE',
    ]);
  });
});
