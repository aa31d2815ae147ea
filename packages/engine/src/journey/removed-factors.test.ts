import { expect, test } from 'vitest';
import { z } from 'zod';
import { nameCallback } from '../callbacks/catalogue.ts';
import type { Identity } from '../model/identities.ts';
import { FACTOR_KINDS, type FactorKind } from '../model/proven-factors.ts';
import { FAILURE, SUCCESS } from '../model/tree.ts';
import { defineNode } from '../node/node-definition.ts';
import { journeyHarness, testUserId } from '../testing/index.ts';
import { type NodeInLine, treeInLine } from '../testing/tree-in-line.ts';

// A device that its user removes proves nothing any more, also in a journey that has begun (docs/adr/0147).

const base = { title: 'x', help: 'x', tags: [] } as const;

const proves = defineNode({
  ...base,
  type: 'Proves',
  config: z.object({ user: z.string().default('demo'), kind: z.string(), uuid: z.string() }),
  outcomes: { outcome: 'Outcome' },
  proves: ['push'],
  process({ config: { user, kind, uuid }, journey, goTo }) {
    const identity = { id: testUserId(user), username: user, credentialRev: 1 } as Identity;
    journey.identify(identity);
    journey.prove(identity, 'push', 'AuthenticatorPush', { kind: kind as FactorKind, uuid });
    return goTo('outcome');
  },
});

const stores = defineNode({
  ...base,
  type: 'Stores',
  config: z.object({}),
  outcomes: { outcome: 'Outcome' },
  process({ journey, goTo }) {
    const identity = { id: testUserId('demo'), username: 'demo', credentialRev: 1 } as Identity;
    journey.identify(identity);
    journey.addNodeType(identity, 'AuthenticatorOATH', { kind: 'oath', uuid: 'new-app' });
    return goTo('outcome');
  },
});

const asks = defineNode({
  ...base,
  type: 'Asks',
  config: z.object({}),
  outcomes: { outcome: 'Outcome' },
  sends: [nameCallback],
  process: ({ answered, goTo, send }) =>
    answered(nameCallback) === undefined ? send(nameCallback({ prompt: 'Go on?' })) : goTo('outcome'),
});

const setUpTo = (end: string, ...line: readonly NodeInLine[]) =>
  journeyHarness({
    nodes: [proves, stores, asks],
    trees: { Login: treeInLine(line, end) },
    users: { demo: {}, other: {} },
  });
const setUp = (...line: readonly NodeInLine[]) => setUpTo(SUCCESS, ...line);
const removed = { code: 'JOURNEY_EXPIRED', detail: { reason: 'A device that proved a factor in it was removed.' } };
const byPhone: NodeInLine = ['Proves', { kind: 'push', uuid: 'phone' }];

test.each(FACTOR_KINDS)('a journey is over at its last step where the device of kind %s was removed', async (kind) => {
  const it = setUp(['Asks'], ['Proves', { kind, uuid: 'device' }], ['Asks']);
  const held = await it.step(await it.begin(), 'x');
  it.store.removedDevices.add('device');
  await expect(it.answer(held, 'x')).rejects.toMatchObject(removed);
  expect(it.store.sessions.size).toBe(0);
  expect(it.store.audit.map(({ event, outcome }) => [event, outcome]).at(-1)).toEqual(['AUTH_FAIL', 'factorRemoved']);
  await expect(it.answer(held, 'x')).rejects.toMatchObject({ detail: { reason: 'The journey has finished.' } });
});

test('a journey is over at a step in the middle, before what follows is written', async () => {
  const it = setUp(['Asks'], byPhone, ['Asks'], ['Asks']);
  const held = await it.step(await it.begin(), 'x');
  it.store.removedDevices.add('phone');
  await expect(it.answer(held, 'x')).rejects.toMatchObject(removed);
});

test('a journey is over where the device that it has stored was removed, also where it only counts for NodeType', async () => {
  const it = setUp(['Asks'], ['Stores'], ['Asks']);
  const held = await it.step(await it.begin(), 'x');
  it.store.removedDevices.add('new-app');
  await expect(it.answer(held, 'x')).rejects.toMatchObject(removed);
});

test('a journey that ends in Failure writes nothing of its nodes where the device was removed', async () => {
  const it = setUpTo(FAILURE, ['Asks'], byPhone, ['Asks']);
  const held = await it.step(await it.begin(), 'x');
  it.store.removedDevices.add('phone');
  await expect(it.answer(held, 'x')).rejects.toMatchObject(removed);
});

test('one of two devices that were shown is enough to end the journey', async () => {
  const it = setUp(byPhone, ['Asks'], ['Proves', { kind: 'oath', uuid: 'app' }], ['Asks']);
  const first = await it.begin();
  const held = await it.step(first, 'x');
  it.store.removedDevices.add('app');
  await expect(it.answer(held, 'x')).rejects.toMatchObject(removed);
});

test('a device of a user whom the journey has left ends nothing', async () => {
  const it = setUp(['Asks'], byPhone, ['Asks'], ['Proves', { user: 'other', kind: 'push', uuid: 'theirs' }], ['Asks']);
  const first = await it.step(await it.begin(), 'x');
  const held = await it.step(first, 'x');
  it.store.removedDevices.add('phone');
  expect(await it.answer(held, 'x')).toMatchObject({ kind: 'success' });
});

test('a journey goes on with its devices, and demands nothing of a device in the submit that it proves itself in', async () => {
  const it = setUp(['Asks'], byPhone);
  it.store.removedDevices.add('phone');
  expect(await it.answer(await it.begin(), 'x')).toMatchObject({ kind: 'success' });
  const other = setUp(['Asks'], byPhone, ['Asks']);
  expect(await other.answer(await other.step(await other.begin(), 'x'), 'x')).toMatchObject({ kind: 'success' });
});
