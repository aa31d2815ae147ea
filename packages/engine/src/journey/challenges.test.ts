import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { hiddenValueCallback, nameCallback } from '../callbacks/catalogue.ts';
import { SUCCESS } from '../model/tree.ts';
import { defineNode } from '../node/node-definition.ts';
import { journeyHarness, storedJourney } from '../testing/index.ts';

const base = { title: 'x', help: 'x', tags: [] } as const;

/** Asks for its challenge to be repeated; whoever says nothing is shown the step again, a wrong answer leads round. */
const asks = defineNode({
  ...base,
  type: 'Asks',
  config: z.object({}),
  outcomes: { repeated: 'Repeated', wrong: 'Wrong' },
  sends: [hiddenValueCallback],
  process({ journey, answered, sent, goTo, send }) {
    const given = answered(hiddenValueCallback);
    if (given === undefined) return send(hiddenValueCallback({ value: journey.newChallenge(), id: 'answer' }));
    if (given === 'answer') return send(...sent);
    return goTo(given === journey.challenge ? 'repeated' : 'wrong');
  },
});

/** Comes after a step of another node, and lets a journey in. */
const names = defineNode({
  ...base,
  type: 'Names',
  config: z.object({}),
  outcomes: { outcome: 'Outcome' },
  sends: [nameCallback],
  process({ journey, answered, goTo, send }) {
    const name = answered(nameCallback);
    if (name === undefined) return send(nameCallback({ prompt: 'Name' }));
    journey.identifyByName(name);
    return goTo('outcome');
  },
});

const setUp = () =>
  journeyHarness({
    nodes: [asks, names],
    trees: {
      Login: {
        entry: 'first',
        nodes: {
          first: { type: 'Asks', to: { repeated: 'second', wrong: 'first' } },
          second: { type: 'Asks', to: { repeated: 'names', wrong: 'second' } },
          names: { type: 'Names', to: { outcome: SUCCESS } },
        },
      },
    },
    users: { demo: {} },
    faults: { digest: (text) => createHash('sha256').update(text).digest('base64url') },
  });
type Shown = { readonly callbacks: readonly { readonly output: unknown }[] };
const challengeOf = ({ callbacks }: Shown): string =>
  String((callbacks[0]?.output as { value?: string } | undefined)?.value);

test('a start that is stored nowhere meets its challenge again at the first answer (WA-02)', async () => {
  const it = setUp();
  const started = await it.begin('Login');
  expect(it.store.journeys.size).toBe(0);
  expect(challengeOf(started)).toMatch(/^[\w-]{43}$/);
  const second = await it.step(started, challengeOf(started));
  expect(challengeOf(second)).not.toBe(challengeOf(started));
  expect((await it.step(second, challengeOf(second))).callbacks[0]?.type).toBe('NameCallback');
});

test('a challenge is of one journey, one node and one visit (WA-01)', async () => {
  const it = setUp();
  const [one, other] = [await it.begin('Login'), await it.begin('Login')];
  expect(challengeOf(one)).not.toBe(challengeOf(other));
  const again = await it.step(one, challengeOf(other));
  expect(again.reference.journeyId).toBe(one.reference.journeyId);
  expect(challengeOf(again)).not.toBe(challengeOf(one));
  // The first challenge was answered, wrongly: it is none any more, at this node or another.
  const third = await it.step(again, challengeOf(one));
  expect(challengeOf(third)).not.toBe(challengeOf(again));
  const second = await it.step(third, challengeOf(third));
  expect(challengeOf(await it.step(second, challengeOf(third)))).not.toBe(challengeOf(second));
});

test('whoever says nothing keeps the challenge, and nothing is written for it (WA-01)', async () => {
  const it = setUp();
  const started = await it.begin('Login');
  const same = await it.step(started);
  expect([challengeOf(same), it.store.commits]).toEqual([challengeOf(started), 0]);
  const second = await it.step(same, challengeOf(same));
  const commits = it.store.commits;
  const still = await it.step(second);
  expect([challengeOf(still), it.store.commits]).toEqual([challengeOf(second), commits]);
});

test('of two answers in parallel to a challenge one is looked at (WA-01)', async () => {
  const it = setUp();
  const started = await it.begin('Login');
  const answers = [challengeOf(started), 'wrong'].map((answer) => it.step(started, answer));
  const settled = await Promise.allSettled(answers);
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('a challenge stands in no compartment of the state, and goes when it was answered', async () => {
  const it = setUp();
  const started = await it.begin('Login');
  const second = await it.step(started, challengeOf(started));
  const kept = storedJourney(it.store.journeys.get(second.reference.journeyId));
  expect(kept.challenges).toEqual({ second: challengeOf(second) });
  expect(JSON.stringify([kept.shared, kept.secure])).not.toContain(challengeOf(second));
  await it.step(second, challengeOf(second));
  expect(storedJourney(it.store.journeys.get(second.reference.journeyId)).challenges).toBeUndefined();
});
