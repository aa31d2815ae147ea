import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { nameCallback } from '../callbacks/catalogue.ts';
import type { Identity } from '../model/identities.ts';
import { PROOF_METHODS, type ProofMethod } from '../model/proven-factors.ts';
import type { Session } from '../model/sessions.ts';
import { FAILURE, SUCCESS } from '../model/tree.ts';
import { defineNode } from '../node/node-definition.ts';
import { stateKey } from '../state/state-key.ts';
import { fakeRequest, journeyHarness, storedJourney, type TestTree, testUserId } from '../testing/index.ts';

// What a session says of its proofs and journeys, which applications rely on (spec: oidc §1.5, OIDC-10 to OIDC-12).

const username = stateKey.shared('username', z.string());
const base = { title: 'x', help: 'x', tags: [] } as const;
const user = z.string().default('demo');

const names = defineNode({
  ...base,
  type: 'Names',
  config: z.object({ user }),
  outcomes: { outcome: 'Outcome' },
  outputs: [username],
  process({ config, state, goTo }) {
    state.set(username, config.user);
    return goTo('outcome');
  },
});

const proves = defineNode({
  ...base,
  type: 'Proves',
  config: z.object({ user, method: z.enum(PROOF_METHODS) }),
  outcomes: { outcome: 'Outcome' },
  proves: ['password', 'push', 'oath'],
  process({ config, journey, goTo }) {
    const user = { id: testUserId(config.user), credentialRev: 1 } as Identity;
    // As a node does that checks a password.
    if (config.method === 'password') journey.identify(user);
    journey.prove(user, config.method as 'push');
    return goTo('outcome');
  },
});

const waits = defineNode({
  ...base,
  type: 'Waits',
  config: z.object({}),
  outcomes: { outcome: 'Outcome' },
  sends: [nameCallback],
  process: ({ answered, goTo, send }) =>
    answered(nameCallback) === undefined ? send(nameCallback({ prompt: 'Go on?' })) : goTo('outcome'),
});

const sets = defineNode({
  ...base,
  type: 'Sets',
  config: z.object({ property: z.string(), value: z.string().nullable() }),
  outcomes: { outcome: 'Outcome' },
  process({ config, journey, goTo }) {
    if (config.value === null) journey.removeSessionProperty(config.property);
    else journey.setSessionProperty(config.property, config.value);
    return goTo('outcome');
  },
});

const inside = defineNode({
  ...base,
  type: 'Inside',
  config: z.object({ tree: z.string() }),
  outcomes: { true: 'True', false: 'False' },
  innerTree: ({ tree }) => tree,
  async process({ runInnerTree, goTo }) {
    return goTo((await runInnerTree()).kind === 'success' ? 'true' : 'false');
  },
});

type Step = readonly [type: string, config?: Readonly<Record<string, unknown>>];

/** A tree that goes through these nodes, one after the other. */
const line = (steps: readonly Step[], settings: TestTree['settings'] = {}): TestTree => ({
  entry: 'node-0',
  settings: { mustRun: true, ...settings },
  nodes: Object.fromEntries(
    steps.map(([type, config = {}], at) => {
      const next = at + 1 < steps.length ? `node-${at + 1}` : SUCCESS;
      const to = type === 'Inside' ? { true: next, false: FAILURE } : { outcome: next };
      return [`node-${at}`, { type, config, to }];
    }),
  ),
});
const proven = (method: ProofMethod, user = 'demo'): Step => ['Proves', { method, user }];
const named = (user = 'demo'): Step => ['Names', { user }];

const setUp = (trees: Readonly<Record<string, TestTree>>) => {
  const it = journeyHarness({
    nodes: [names, proves, waits, sets, inside],
    trees,
    users: { demo: {}, other: {} },
  });
  const sessionAfter = async (tree: string, before?: Session): Promise<Session> => {
    const answer = await it.start(tree, { forceAuth: true }, fakeRequest(before && { session: before }));
    if (answer.kind !== 'success' || answer.created === undefined) throw new Error('There is no session.');
    return answer.created.session;
  };
  return { ...it, sessionAfter, proofsAfter: async (tree: string) => proofsOf(await sessionAfter(tree)) };
};

const proofsOf = ({ properties: { AuthFactors, Journeys } }: Session) => ({ AuthFactors, Journeys });

describe('a session', () => {
  test('says what was proven and when, and which journey was walked to its end (SEC-51)', async () => {
    const it = setUp({ Login: line([named(), proven('password'), ['Waits'], proven('push')]) });
    const began = it.clock.now();
    const step = await it.begin('Login');
    it.clock.advance(5_000);
    const answer = await it.answer(step, 'yes');
    if (answer.kind !== 'success' || answer.created === undefined) throw new Error('There is no session.');
    expect(proofsOf(answer.created.session)).toEqual({
      AuthFactors: `password@${began}|push@${began + 5_000}`,
      Journeys: `Login@${began + 5_000}`,
    });
  });

  test('says of nothing that it was proven where a journey proves nothing', async () => {
    const it = setUp({ Open: line([named()]) });
    expect(await it.proofsAfter('Open')).toEqual({ AuthFactors: undefined, Journeys: `Open@${it.clock.now()}` });
  });

  test('is told the newer time of what was proven twice', async () => {
    const it = setUp({ Login: line([named(), proven('push'), ['Waits'], proven('push')]) });
    const step = await it.begin('Login');
    it.clock.advance(1_000);
    expect(await it.answer(step, 'yes')).toMatchObject({
      created: { session: { properties: { AuthFactors: `push@${it.clock.now()}` } } },
    });
  });

  test('has what another user has proven on the way not among its own', async () => {
    const it = setUp({ Login: line([named('other'), proven('push', 'other'), named(), proven('password')]) });
    expect(await it.proofsAfter('Login')).toMatchObject({ AuthFactors: `password@${it.clock.now()}` });
  });

  test('is not made where all that was proven is another user’s (SEC-85)', async () => {
    const it = setUp({ Login: line([named('other'), proven('push', 'other'), named()]) });
    await expect(it.proofsAfter('Login')).rejects.toMatchObject({ code: 'ACCOUNT_UNUSABLE' });
  });

  test('counts what was proven in a tree inside, whose name is none of a journey', async () => {
    const it = setUp({ Outer: line([named(), ['Inside', { tree: 'Inner' }]]), Inner: line([proven('oath')]) });
    const now = it.clock.now();
    expect(await it.proofsAfter('Outer')).toEqual({ AuthFactors: `oath@${now}`, Journeys: `Outer@${now}` });
  });

  test('that is not made keeps nothing, and leaves the one that is there as it was', async () => {
    const it = setUp({
      Login: line([named(), proven('password')]),
      Quiet: line([named(), proven('push')], { noSession: true }),
    });
    const before = await it.sessionAfter('Login');
    const answer = await it.start('Quiet', {}, fakeRequest({ session: before }));
    expect(answer).not.toHaveProperty('created');
    expect([...it.store.sessions.values()]).toEqual([before]);
  });
});

describe('a session that is raised', () => {
  const trees = {
    Login: line([named(), proven('password')]),
    Push: line([named(), proven('push')]),
    Open: line([named()]),
    Other: line([named('other'), proven('oath', 'other')]),
  };

  test('keeps what the same user has proven and walked, each by its newest time', async () => {
    const it = setUp(trees);
    const first = it.clock.now();
    const login = await it.sessionAfter('Login');
    it.clock.advance(1_000);
    const push = await it.sessionAfter('Push', login);
    expect(proofsOf(push)).toEqual({
      AuthFactors: `password@${first}|push@${first + 1_000}`,
      Journeys: `Login@${first}|Push@${first + 1_000}`,
    });
    it.clock.advance(1_000);
    expect(proofsOf(await it.sessionAfter('Login', push))).toEqual({
      AuthFactors: `push@${first + 1_000}|password@${first + 2_000}`,
      Journeys: `Push@${first + 1_000}|Login@${first + 2_000}`,
    });
  });

  test('grows no fresher by a journey that proves nothing (OIDC-10)', async () => {
    const it = setUp(trees);
    const login = await it.sessionAfter('Login');
    it.clock.advance(1_000);
    const { AuthFactors } = proofsOf(await it.sessionAfter('Open', login));
    expect(AuthFactors).toBe(proofsOf(login).AuthFactors);
  });

  test('has nothing of another user’s session', async () => {
    const it = setUp(trees);
    const other = await it.sessionAfter('Other', await it.sessionAfter('Login'));
    const now = it.clock.now();
    expect(proofsOf(other)).toEqual({ AuthFactors: `oath@${now}`, Journeys: `Other@${now}` });
  });
});

describe('nobody writes the proofs of a session but a node that proves (OIDC-12)', () => {
  test.each(['AuthFactors', 'authfactors', 'Journeys', 'JOURNEYS'])(
    '%s is set by no node, and removed by none',
    async (property) => {
      for (const value of ['push@9999999999999', null]) {
        const it = setUp({ Login: line([named(), ['Sets', { property, value }]]) });
        await expect(it.start('Login')).rejects.toMatchObject({
          code: 'NODE_FAILED',
          detail: { reason: `Session property "${property}" belongs to the system.` },
        });
      }
    },
  );

  test('a node that proves what it does not declare fails', async () => {
    const it = setUp({ Login: line([named(), proven('recoveryCode')]) });
    await expect(it.start('Login')).rejects.toThrow('does not list under proves');
  });

  test('what a stored journey of an earlier version would have of the system’s properties is not taken over', async () => {
    const it = setUp({ Login: line([named(), ['Waits']]) });
    const step = await it.begin('Login');
    const { journeyId } = step.reference;
    const row = it.store.journeys.get(journeyId);
    if (row === undefined) throw new Error('The journey is not stored.');
    const [shown = '', state = ''] = row.state.split('\n');
    const properties = { NodeType: 'AuthenticatorPush|', AuthFactors: 'push@1', colour: 'green' };
    const former = {
      ...JSON.parse(state),
      factors: [{ name: 'AuthenticatorPush', user: 'demo' }, { name: 'AuthenticatorOATH' }],
      sessionOptions: { properties },
    };
    it.store.journeys.set(journeyId, { ...row, state: `${shown}\n${JSON.stringify(former)}` });
    const answer = await it.answer(step, 'yes');
    if (answer.kind !== 'success') throw new Error('The journey does not succeed.');
    const { properties: kept = {} } = answer.created?.session ?? {};
    expect(kept).toMatchObject({ colour: 'green' });
    expect(kept).not.toHaveProperty('NodeType');
    expect(kept).not.toHaveProperty('AuthFactors');
  });

  test('what was proven is in no state, where a script could write it', async () => {
    const it = setUp({ Login: line([named(), proven('push'), ['Waits']]) });
    const step = await it.begin('Login');
    const { shared, secure, factors } = storedJourney(it.store.journeys.get(step.reference.journeyId));
    expect(shared).toEqual({ realm: '/', authLevel: 0, username: 'demo' });
    expect(secure).toEqual({});
    expect(factors).toEqual([{ user: testUserId('demo'), method: 'push', at: it.clock.now() }]);
  });
});
