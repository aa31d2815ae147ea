import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { nameCallback, suspendedTextOutputCallback } from '../callbacks/catalogue.ts';
import type { RealmSettings } from '../model/configuration.ts';
import { FAILURE, SUCCESS } from '../model/tree.ts';
import { defineNode } from '../node/node-definition.ts';
import { stateKey } from '../state/state-key.ts';
import { journeyHarness, storedJourney, type TestStep, type TestTree, testRealm } from '../testing/index.ts';

// ADR 151: journeys under way, and mailed links, end with the tree that was deleted or switched off.

const username = stateKey.shared('username', z.string());
const link = stateKey.shared('link', z.string());
const base = { title: 'x', help: 'x', tags: [], outcomes: { outcome: 'Outcome' }, config: z.object({}) } as const;
const told: string[] = [];

const collect = defineNode({
  ...base,
  type: 'Collect',
  outputs: [username],
  async process({ answered, state, goTo, send }) {
    const name = answered(nameCallback);
    if (name === undefined) return send(nameCallback({ prompt: 'User Name' }));
    state.set(username, name);
    return goTo('outcome');
  },
});

const rest = defineNode({
  ...base,
  type: 'Rest',
  outputs: [link],
  async process({ journey, resumed, state, goTo, send }) {
    if (resumed) return goTo('outcome');
    state.set(link, journey.suspend(43_200));
    return send(suspendedTextOutputCallback({ message: 'See your mail.', messageType: 0 }));
  },
});

const hooked = defineNode({
  ...base,
  type: 'Hooked',
  process: async ({ goTo }) => goTo('outcome'),
  onJourneySuccess: async () => void told.push('succeeded'),
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

/** Asks for a name, rests until a link is followed, and asks for a name again. */
const steps: TestTree = {
  entry: 'first',
  nodes: {
    first: { type: 'Collect', to: { outcome: 'second' } },
    second: { type: 'Collect', to: { outcome: 'rest' } },
    rest: { type: 'Rest', to: { outcome: 'last' } },
    last: { type: 'Collect', to: { outcome: SUCCESS } },
  },
};

const around = (name: string): TestTree => ({
  entry: 'inner',
  nodes: { inner: { type: 'Inner', config: { tree: name }, to: { true: SUCCESS, false: FAILURE } } },
});

const setUp = () => {
  const realm = testRealm();
  const it = journeyHarness({
    nodes: [collect, rest, inner, hooked],
    trees: { Login: steps, Steps: steps, Outer: around('Steps'), Other: steps },
    users: { demo: {} },
    realms: [realm],
  });
  const suspendedId = (): string => {
    const [row] = [...it.store.journeys.values()];
    const { shared } = storedJourney(row);
    return new URL(String(shared?.link), 'https://x.example').searchParams.get('suspendedId') ?? '';
  };
  return { ...it, realm: realm as { -readonly [K in keyof RealmSettings]: RealmSettings[K] }, suspendedId };
};

type Harness = ReturnType<typeof setUp>;

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error: { code: string }) => error.code,
  );

/** How a tree is taken from callers. */
const WAYS_OFF: Readonly<Record<string, (it: Harness, tree: string) => void>> = {
  deleted: (it, tree) => it.remove(tree),
  'switched off': (it, tree) => it.publish(tree, { ...steps, settings: { enabled: false } }),
  'for other trees alone now': (it, tree) => it.publish(tree, { ...steps, settings: { innerTreeOnly: true } }),
  'not listed any more': (it) => {
    it.realm.startableJourneys = ['Other'];
  },
};

/** Where a journey stands, and what moves it on from there. */
const PLACES: Readonly<Record<string, (it: Harness, tree: string) => Promise<() => Promise<unknown>>>> = {
  'its first page': async (it, tree) => {
    const step = await it.begin(tree);
    return () => it.answer(step, 'demo');
  },
  'a later page': async (it, tree) => {
    const step = await it.step(await it.begin(tree), 'demo');
    return () => it.answer(step, 'demo');
  },
  'a mailed link': async (it, tree) => {
    await it.step(await it.step(await it.begin(tree), 'demo'), 'demo');
    return () => it.resume(it.suspendedId());
  },
  'the page behind a link': async (it, tree) => {
    await it.step(await it.step(await it.begin(tree), 'demo'), 'demo');
    const step = (await it.resume(it.suspendedId())) as TestStep;
    return () => it.answer(step, 'demo');
  },
};

const goneAt = (place: string) => (place === 'a mailed link' ? 'SUSPENSION_GONE' : 'JOURNEY_EXPIRED');
const cases = Object.keys(WAYS_OFF).flatMap((way) => Object.keys(PLACES).map((place) => [way, place] as const));

test.each(cases)('a journey through a tree that is %s ends at %s', async (way, place) => {
  const it = setUp();
  const goOn = await PLACES[place]?.(it, 'Steps');
  WAYS_OFF[way]?.(it, 'Steps');
  expect(await codeOf(goOn?.() ?? Promise.reject())).toBe(goneAt(place));
  expect(it.store.sessions.size).toBe(0);
});

describe('an inner tree', () => {
  const innerWays = Object.keys(WAYS_OFF).slice(0, 2);
  const innerCases = innerWays.flatMap((way) => Object.keys(PLACES).map((place) => [way, place] as const));

  test.each(innerCases)('that is %s ends a journey that stands in it, at %s', async (way, place) => {
    const it = setUp();
    const goOn = await PLACES[place]?.(it, 'Outer');
    WAYS_OFF[way]?.(it, 'Steps');
    expect(await codeOf(goOn?.() ?? Promise.reject())).toBe('JOURNEY_EXPIRED');
    expect(it.store.sessions.size).toBe(0);
  });

  test.each(innerWays)(
    'that is %s ends no journey that has left it, and its nodes learn of the success',
    async (way) => {
      told.length = 0;
      const it = setUp();
      it.publish('Steps', { entry: 'hook', nodes: { hook: { type: 'Hooked', to: { outcome: SUCCESS } } } });
      it.publish('Outer', {
        entry: 'inner',
        nodes: {
          inner: { type: 'Inner', config: { tree: 'Steps' }, to: { true: 'first', false: FAILURE } },
          first: { type: 'Collect', to: { outcome: 'second' } },
          second: { type: 'Collect', to: { outcome: SUCCESS } },
        },
      });
      const step = await it.step(await it.begin('Outer'), 'demo');
      WAYS_OFF[way]?.(it, 'Steps');
      expect(await it.answer(step, 'demo')).toMatchObject({ kind: 'success' });
      expect(told).toEqual(['succeeded']);
    },
  );
});

test.each(Object.keys(PLACES))('a journey goes on at %s when its tree was only replaced (SEC-41)', async (place) => {
  const it = setUp();
  const goOn = await PLACES[place]?.(it, 'Steps');
  it.publish('Steps', { entry: 'end', nodes: { end: { type: 'Hooked', to: { outcome: FAILURE } } } });
  expect(await codeOf(goOn?.() ?? Promise.reject())).toBe('none');
});

test('the default journey goes on though the list does not name it', async () => {
  const it = setUp();
  const step = await it.step(await it.begin('Login'), 'demo');
  it.realm.startableJourneys = ['Other'];
  expect(await codeOf(it.answer(step, 'demo'))).toBe('none');
});
