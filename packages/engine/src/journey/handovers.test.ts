import { beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { nameCallback } from '../callbacks/catalogue.ts';
import { SUCCESS } from '../model/tree.ts';
import { defineNode } from '../node/node-definition.ts';
import { handover } from '../state/handover.ts';
import { stateKey } from '../state/state-key.ts';
import { fakeRequest, journeyHarness, storedJourney, submitted, testUserId } from '../testing/index.ts';

const base = { title: 'x', help: 'x', tags: [], outcomes: { outcome: 'Outcome' } } as const;
const thing = handover('thing', z.object({ key: z.string() }));
const userNamed = (username: string) => ({ id: testUserId(username), username });

/** What the nodes of one test have found. */
const found: unknown[] = [];
beforeEach(() => found.splice(0));

const leaves = defineNode({
  ...base,
  type: 'Leaves',
  config: z.object({ user: z.string(), key: z.string() }),
  process({ config, journey, goTo }) {
    journey.handOver(thing, userNamed(config.user), { key: config.key });
    return goTo('outcome');
  },
});

/** Looks at what was left for a user, or takes it. */
const finds = defineNode({
  ...base,
  type: 'Finds',
  config: z.object({ user: z.string(), takes: z.boolean() }),
  process({ config: { user, takes }, journey, goTo }) {
    const it = userNamed(user);
    found.push(takes ? journey.takeOver(thing, it) : journey.handedOver(thing, it));
    return goTo('outcome');
  },
});

const mine = { user: testUserId('demo'), username: 'demo', value: { key: 'mine' } };
const sharedThing = stateKey.shared('thing', z.unknown());
const transientThing = stateKey.transient('handedOver', z.unknown());

/** Writes what a script might, at each name that a handover could be taken for. */
const script = defineNode({
  ...base,
  type: 'Script',
  config: z.object({}),
  outputs: [sharedThing, transientThing],
  process({ state, goTo }) {
    state.set(sharedThing, mine.value);
    state.set(transientThing, { thing: mine });
    return goTo('outcome');
  },
});

const identifies = defineNode({
  ...base,
  type: 'Identifies',
  config: z.object({ user: z.string(), byName: z.boolean() }),
  process({ config: { user, byName }, journey, goTo }) {
    if (byName) journey.identifyByName(user);
    else journey.identify({ id: testUserId(user), username: user, credentialRev: 1 } as never);
    return goTo('outcome');
  },
});

/** The links that the nodes have suspended a journey by. */
const links: string[] = [];

const asks = defineNode({
  ...base,
  type: 'Asks',
  config: z.object({ suspends: z.boolean().default(false) }),
  sends: [nameCallback],
  process({ config, journey, resumed, answered, goTo, send }) {
    if (resumed || answered(nameCallback) !== undefined) return goTo('outcome');
    if (config.suspends) links.push(journey.suspend());
    return send(nameCallback({ prompt: 'Name' }));
  },
});

const inner = defineNode({
  ...base,
  type: 'Inner',
  config: z.object({ tree: z.string() }),
  innerTree: ({ tree }) => tree,
  async process({ runInnerTree, goTo, send }) {
    const end = await runInnerTree();
    return end.kind === 'step' ? send(...end.callbacks) : goTo('outcome');
  },
});

type Node = { readonly type: string; readonly config?: Readonly<Record<string, unknown>> };
const leave = (user = 'demo', key = 'true'): Node => ({ type: 'Leaves', config: { user, key } });
const find = (user = 'demo'): Node => ({ type: 'Finds', config: { user, takes: false } });
const take = (user = 'demo'): Node => ({ type: 'Finds', config: { user, takes: true } });
const identify = (user: string, byName = false): Node => ({ type: 'Identifies', config: { user, byName } });
const ask: Node = { type: 'Asks' };
const suspend: Node = { type: 'Asks', config: { suspends: true } };

/** A tree of nodes, each after the one before it. */
const inTurn = (nodes: readonly Node[]) => ({
  entry: 'n0',
  nodes: Object.fromEntries(
    nodes.map((node, at) => [`n${at}`, { ...node, to: { outcome: at + 1 < nodes.length ? `n${at + 1}` : SUCCESS } }]),
  ),
});
const setUp = (nodes: readonly Node[], innerNodes: readonly Node[] = [ask]) =>
  journeyHarness({
    nodes: [leaves, finds, script, identifies, asks, inner],
    trees: { Login: inTurn([...nodes, identify('demo')]), Inner: inTurn(innerNodes) },
    users: { demo: {}, other: {} },
  });
const walk = async (nodes: readonly Node[], innerNodes?: readonly Node[]) => {
  const it = setUp(nodes, innerNodes);
  await it.start('Login');
  return found;
};
const TRUE = { key: 'true' };

test.each<[what: string, nodes: readonly Node[], expected: readonly unknown[]]>([
  ['is found by a later node of the same submit', [leave(), find()], [TRUE]],
  ['stays where it was looked at', [leave(), find(), find()], [TRUE, TRUE]],
  ['is taken once', [leave(), take(), take()], [TRUE, undefined]],
  ['makes room for a newer one of its kind', [leave('demo', 'old'), leave(), take(), take()], [TRUE, undefined]],
  ['is nothing where nobody has left it', [find(), take()], [undefined, undefined]],
  ['is not found for another user', [leave(), find('other'), find()], [undefined, TRUE]],
  ['is gone where another user asked for it', [leave(), take('other'), take()], [undefined, undefined]],
  ['goes when another user is identified', [leave(), identify('other'), identify('demo'), take()], [undefined]],
  ['goes when another name is', [leave(), identify('other', true), take()], [undefined]],
  ['stays when its own user is identified', [leave(), identify('DEMO', true), identify('demo'), take()], [TRUE]],
  [
    'is in no state that a script writes',
    [{ type: 'Script' }, find(), leave(), { type: 'Script' }, take()],
    [undefined, TRUE],
  ],
])('what a node leaves to another %s', async (_what, nodes, expected) => {
  expect(await walk(nodes)).toEqual(expected);
});

test('it passes in and out of inner trees', async () => {
  const innerTree: Node = { type: 'Inner', config: { tree: 'Inner' } };
  expect(await walk([leave(), innerTree, take()], [find(), leave('demo', 'inner')])).toEqual([TRUE, { key: 'inner' }]);
});

test('it is kept with the journey between two requests, across a restart, and nowhere in its state', async () => {
  const it = setUp([leave(), ask, take(), ask, take()]);
  const first = await it.begin('Login');
  const kept = storedJourney(it.store.journeys.get(first.reference.journeyId));
  expect(kept.handedOver).toEqual({ thing: { user: testUserId('demo'), username: 'demo', value: TRUE } });
  expect(JSON.stringify([kept.shared, kept.secure])).not.toContain('true');
  const second = await it.step(first, 'x');
  expect(found).toEqual([TRUE]);
  expect(storedJourney(it.store.journeys.get(second.reference.journeyId)).handedOver).toBeUndefined();
  await it.answer(second, 'x');
  expect(found).toEqual([TRUE, undefined]);
});

test('it is kept while the journey is suspended', async () => {
  const it = setUp([leave(), suspend, take()]);
  await it.begin('Login');
  await it.resume(new URL(links.at(-1) ?? '', 'https://login.example.org').searchParams.get('suspendedId') ?? '');
  expect(found).toEqual([TRUE]);
});

test.each(['x', null, [], { thing: null }, { thing: { user: testUserId('demo'), value: { key: 1 } } }])(
  'a row that says %j of it has nothing for anybody',
  async (handedOver) => {
    const it = setUp([leave(), ask, take()]);
    const { reference, callbacks } = await it.begin('Login');
    const row = it.store.journeys.get(reference.journeyId);
    if (row === undefined) throw new Error('The journey is stored nowhere.');
    const [step, state] = row.state.split('\n');
    const changed = { ...JSON.parse(state ?? ''), handedOver };
    it.store.journeys.set(reference.journeyId, { ...row, state: `${step}\n${JSON.stringify(changed)}` });
    await it.post(reference, submitted({ callbacks }, ['x']));
    expect(found).toEqual([undefined]);
  },
);

test('a preview leaves nothing behind', async () => {
  const it = setUp([leave(), ask]);
  const wanted = { realm: '/', tree: 'Login', parameters: {}, request: fakeRequest() };
  expect(await it.journeys.preview(wanted)).toBeUndefined();
  expect([it.store.journeys.size, it.store.commits]).toEqual([0, 0]);
});

test('a journey keeps 32 KiB of it at the most (REL-14), and fails beyond', async () => {
  await expect(walk([leave('demo', 'x'.repeat(16_000)), find()])).resolves.toHaveLength(1);
  await expect(walk([leave('demo', 'x'.repeat(16_400))])).rejects.toThrow(/at most 32768 bytes/);
});
