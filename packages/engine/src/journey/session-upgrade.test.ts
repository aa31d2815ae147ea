import { expect, test } from 'vitest';
import { z } from 'zod';
import { nameCallback } from '../callbacks/catalogue.ts';
import type { Identity } from '../model/identities.ts';
import type { Session } from '../model/sessions.ts';
import { SUCCESS } from '../model/tree.ts';
import { defineNode } from '../node/node-definition.ts';
import { fakeRequest, journeyHarness, submitted, type TestStep, testUserId } from '../testing/index.ts';

// A session that goes on from another one takes over what that one has proven. It does so only from a session that is still there at the moment
// of the commit: the proofs of a user who is signed out meanwhile are gone (SEC-61, SEC-85).

const base = { title: 'x', help: 'x', tags: [] } as const;

const signsIn = defineNode({
  ...base,
  type: 'SignsIn',
  config: z.object({ user: z.string().default('demo') }),
  outcomes: { outcome: 'Outcome' },
  proves: ['password', 'push'],
  sends: [nameCallback],
  process({ config, answered, journey, goTo, send }) {
    const method = answered(nameCallback);
    if (method === undefined) return send(nameCallback({ prompt: 'By what?' }));
    const identity = { id: testUserId(config.user), username: config.user, credentialRev: 1 } as Identity;
    journey.identify(identity);
    journey.prove(identity, method as 'password');
    return goTo('outcome');
  },
});

const treeOf = (user: string) => ({
  entry: 'in',
  nodes: { in: { type: 'SignsIn', config: { user }, to: { outcome: SUCCESS } } },
});
const setUp = () => {
  const it = journeyHarness({
    nodes: [signsIn],
    trees: { Login: treeOf('demo'), Other: treeOf('other') },
    users: { demo: {}, other: {} },
  });
  const sessionAfter = async (tree: string, method: string, before?: Session, meanwhile?: () => void) => {
    const request = fakeRequest(before && { session: before });
    const step = (await it.start(tree, { forceAuth: true }, request)) as TestStep;
    it.store.beforeCommit = meanwhile;
    const answer = await it.post(step.reference, submitted(step, [method]), { request });
    if (answer.kind !== 'success' || answer.created === undefined) throw new Error('There is no session.');
    return answer.created.session;
  };
  return { ...it, sessionAfter };
};

test('a session that was ended while the journey came to its end leaves nothing to the next one', async () => {
  const it = setUp();
  const before = await it.sessionAfter('Login', 'push');
  const after = await it.sessionAfter('Login', 'password', before, () => it.store.sessions.delete(before.tokenHash));
  expect(after.properties.AuthFactors).toMatch(/^password@\d+$/);
  expect(after.sid).not.toBe(before.sid);
  expect([...it.store.sessions.values()]).toEqual([after]);
});

test('a session that is there leaves its proofs to the next one', async () => {
  const it = setUp();
  const before = await it.sessionAfter('Login', 'push');
  const after = await it.sessionAfter('Login', 'password', before);
  expect(after.properties.AuthFactors).toMatch(/push@\d+/);
  expect(after.sid).toBe(before.sid);
});

test('the session of another user leaves nothing, and its end does not stop the next user from signing in', async () => {
  const it = setUp();
  const before = await it.sessionAfter('Other', 'push');
  const after = await it.sessionAfter('Login', 'password', before, () => it.store.sessions.delete(before.tokenHash));
  expect(after.properties.AuthFactors).toMatch(/^password@\d+$/);
});
