import { z } from 'zod';
import {
  confirmationCallback,
  NOT_PRESSED,
  nameCallback,
  passwordCallback,
  pollingWaitCallback,
} from '../callbacks/catalogue.ts';
import { clock as clockPort } from '../model/clock.ts';
import type { JourneyErrorCode } from '../model/errors.ts';
import { FAILURE, SUCCESS } from '../model/tree.ts';
import { defineNode } from '../node/node-definition.ts';
import { required, stateKey } from '../state/state-key.ts';
import type { JourneyDependencies } from '../step/journey-requests.ts';
import { Bindings } from '../unit-of-work/unit-of-work.ts';
import { testRealm } from './fake-request.ts';
import { journeyHarness, type TestTree } from './journey-harness.ts';
import { simulatedClock } from './simulated-clock.ts';

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

/** A name, a password, a wait of five seconds, and only then whether the password was right. */
export const login: TestTree = {
  entry: 'name',
  nodes: {
    name: { type: 'AskName', to: { outcome: 'password' } },
    password: { type: 'AskPassword', to: { outcome: 'wait' } },
    wait: { type: 'Wait', to: { DONE: 'check', EXITED: FAILURE } },
    check: { type: 'CheckPassword', to: { true: SUCCESS, false: FAILURE } },
  },
};

/** Journeys over these nodes, for a user who may sign in and one who may not. */
export const passwordJourneys = (
  trees: Record<string, TestTree> = { Login: login },
  realms = [testRealm()],
  faults: Partial<JourneyDependencies> = {},
) => {
  const clock = simulatedClock();
  return journeyHarness({
    nodes: [askName, askPassword, checkPassword, wait, audited, broken, pass, counted, page],
    trees,
    users: { demo: {}, gone: { inetUserStatus: ['Inactive'] } },
    realms,
    clock,
    faults,
    bindings: new Bindings().bind(clockPort, () => clock),
  });
};

/** What a request was refused with. */
export const rejection = async (promise: Promise<unknown>): Promise<{ code: JourneyErrorCode; detail: unknown }> =>
  promise.then(
    () => {
      throw new Error('It was answered.');
    },
    (error: unknown) => error as { code: JourneyErrorCode; detail: unknown },
  );
export const codeOf = async (promise: Promise<unknown>) => (await rejection(promise)).code;

/** Up to the wait, with a name and a password given. */
export const waiting = async (it: ReturnType<typeof passwordJourneys>, secret = 'right') => {
  const first = await it.begin();
  const second = await it.step(first, 'demo');
  return it.step(second, secret);
};

/** A name is all that it asks for. */
export const short: TestTree = { entry: 'n', nodes: { n: { type: 'AskName', to: { outcome: SUCCESS } } } };
