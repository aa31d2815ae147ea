import { expect, test } from 'vitest';
import { z } from 'zod';
import { nameCallback } from '../callbacks/catalogue.ts';
import { JourneyError } from '../model/errors.ts';
import { FAILURE } from '../model/tree.ts';
import { defineNode } from '../node/node-definition.ts';
import { journeyHarness, testUserId } from '../testing/index.ts';

/** Says why the journey fails, and asks once more before it does where `asks`. */
const explains = defineNode({
  type: 'Explains',
  title: 'x',
  help: 'x',
  tags: [],
  config: z.object({ user: z.string(), asks: z.boolean() }),
  outcomes: { outcome: 'Outcome' },
  sends: [nameCallback],
  async process({ config, journey, answered, goTo, send }) {
    const identity = { id: testUserId('demo'), username: 'demo' };
    if (answered(nameCallback) !== undefined) return goTo('outcome');
    journey.identify({ ...identity, credentialRev: 0 } as Parameters<typeof journey.identify>[0]);
    journey.explainFailure({ id: testUserId(config.user) }, 'device-limit');
    return config.asks ? send(nameCallback({ prompt: 'x' })) : goTo('outcome');
  },
});

const failureOf = async (config: { readonly user: string; readonly asks: boolean }) => {
  const it = journeyHarness({
    nodes: [explains],
    trees: { Login: { entry: 'one', nodes: { one: { type: 'Explains', config, to: { outcome: FAILURE } } } } },
    users: { demo: {}, other: {} },
  });
  try {
    const answer = await it.start();
    if (answer.kind === 'step') await it.answer(answer, 'a');
  } catch (error) {
    if (error instanceof JourneyError && error.is('LOGIN_FAILED')) return error.detail;
    throw error;
  }
  throw new Error('The journey leads to Failure.');
};

test('a failure has the reason that a node gave in the same request', async () => {
  expect(await failureOf({ user: 'demo', asks: false })).toMatchObject({ failureReason: 'device-limit' });
});

test.each([
  ['of another user than the one whom the journey has identified', { user: 'other', asks: false }],
  ['of an earlier step', { user: 'demo', asks: true }],
])('a failure has no reason %s', async (_, config) => {
  expect(await failureOf(config)).not.toHaveProperty('failureReason');
});
