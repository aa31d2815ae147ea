import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { nameCallback } from '../callbacks/catalogue.ts';
import { NodeFailure } from '../model/errors.ts';
import type { ProofMethod } from '../model/proven-factors.ts';
import { SUCCESS } from '../model/tree.ts';
import type { JourneyContext } from '../node/journey-context.ts';
import { defineNode } from '../node/node-definition.ts';
import { handover } from '../state/handover.ts';
import { SESSION_PROPERTY_LIMITS } from '../state/session-properties.ts';
import { stateKey } from '../state/state-key.ts';
import { MAX_STATE_SIZE, STATE_TOO_LARGE } from '../state/state-size.ts';
import type { JourneyAnswer, JourneyDependencies } from '../step/journey-requests.ts';
import { StepExecution } from '../step/step-execution.ts';
import { type Carried, readStored, writeState } from '../step/stored-state.ts';
import { journeyHarness, type TestTree } from '../testing/journey-harness.ts';
import { simulatedClock } from '../testing/simulated-clock.ts';
import { storedJourney } from '../testing/stored-journey.ts';
import { testUnitOfWork } from '../testing/test-unit-of-work.ts';
import { NodeJourneyContext } from './node-journey-context.ts';

const base = { title: 'x', help: 'x', tags: [] } as const;
const thing = handover('thing', z.string());
const user = { id: 'id-of-demo', username: 'demo', credentialRev: 1, attributes: {} };
const TEXT = 'x'.repeat(1_000);

type Journey = JourneyContext<ProofMethod>;
type Writer = (journey: Journey, at: number) => void;
/** Why a member needs no count. */
type Uncounted = 'reads' | 'drops' | 'writes once' | 'writes one value of the request';

/** All that a node can do with its journey: a new member has to be listed here, and to count where it writes. */
const MEMBERS: Readonly<Record<keyof Journey, Writer | Uncounted>> = {
  id: 'reads',
  tree: 'reads',
  expiresAt: 'reads',
  backChannel: 'reads',
  identifiedUser: 'reads',
  boundUser: 'reads',
  credentialRev: 'reads',
  nodeTypesOf: 'reads',
  ownsAddress: 'reads',
  isCodeToOwnAddress: 'reads',
  isCodeOfOther: 'reads',
  isCodeToFormerAddress: 'reads',
  // Its one row is bounded, as that of auditRefusal.
  refuseLink: 'writes one value of the request',
  isAddressOfOther: 'reads',
  addressOfSentCode: 'reads',
  challenge: 'reads',
  handedOver: 'reads',
  takeOver: 'drops',
  bindTo: 'writes once',
  explainFailure: 'writes one value of the request',
  suspend: 'writes one value of the request',
  // Its rows are bounded in number, and have no text of the node.
  auditRefusal: 'writes one value of the request',
  identify: (journey, at) => journey.identify({ ...user, id: `${at}${TEXT}` } as never),
  identifyByName: (journey) => journey.identifyByName(TEXT),
  prove: (journey, at) => journey.prove({ id: `${at}${TEXT}` }, 'password'),
  // One factor for each method of the user, with the addresses of one code.
  proveSentCode: 'writes once',
  addNodeType: (journey, at) => journey.addNodeType(user, `${at}${TEXT}`),
  noteSentCode: (journey, at) =>
    journey.noteSentCode(
      { ...user, id: TEXT, attributes: { mail: ['a'] } },
      {
        method: 'mailCode',
        code: `${at}`,
        addressIn: ['mail'],
        value: 'a',
        to: 'a',
      },
    ),
  noteFollowedLink: (journey) => journey.noteFollowedLink({ attribute: 'mail', address: TEXT, userId: null }),
  setSessionProperty: (journey, at) => journey.setSessionProperty(`p${at}`, TEXT),
  removeSessionProperty: (journey, at) => journey.removeSessionProperty(`p${at}`),
  addLogoutWebhook: (journey, at) => journey.addLogoutWebhook(`w${at}`),
  setMaxSessionMinutes: (journey, at) => journey.setMaxSessionMinutes(at),
  setMaxIdleMinutes: (journey, at) => journey.setMaxIdleMinutes(at),
  setErrorMessage: (journey) => journey.setErrorMessage(TEXT),
  setLockoutMessage: (journey) => journey.setLockoutMessage(TEXT),
  addSuccessDetails: (journey, at) => journey.addSuccessDetails({ [`d${at}`]: TEXT }),
  addSuccessProperties: (journey, at) => journey.addSuccessProperties({ [`d${at}`]: TEXT }),
  addFailureDetails: (journey, at) => journey.addFailureDetails({ [`d${at}`]: TEXT }),
  setCookie: (journey, at) =>
    journey.setCookie({ name: `c${at}`, value: TEXT, maxAgeSeconds: 1, path: '/', secure: true, httpOnly: true }),
  newChallenge: (journey) => void journey.newChallenge(),
  handOver: (journey) => journey.handOver(thing, user, TEXT),
  audit: (journey) => journey.audit('SOMETHING', { text: TEXT }),
};
const WRITERS = Object.entries(MEMBERS).flatMap(([name, member]) =>
  typeof member === 'string' ? [] : [[name, member] as const],
);

/** What the present test does in each visit, and how often it was done without an error. */
let write: Writer;
let written = 0;

const writes = defineNode({
  ...base,
  type: 'Writes',
  config: z.object({ times: z.number() }),
  proves: ['password'],
  outcomes: { again: 'Again', done: 'Done' },
  process({ config, journey, goTo }) {
    write(journey, written);
    written += 1;
    return goTo(written % config.times === 0 ? 'done' : 'again');
  },
});

/** More writes than the state has room for, however small each is. */
const WRITES_AT_MOST = MAX_STATE_SIZE / 32;

/** Writes until it fails, in one visit. */
const fills = defineNode({
  ...base,
  type: 'Fills',
  config: z.object({}),
  proves: ['password'],
  outcomes: { outcome: 'Outcome' },
  process({ journey, goTo }) {
    for (written = 0; written <= WRITES_AT_MOST; written += 1) write(journey, written);
    return goTo('outcome');
  },
});

const list = stateKey.shared('list', z.array(z.string()));

/** Changes a value of the state where it is. */
const changes = defineNode({
  ...base,
  type: 'Changes',
  config: z.object({}),
  inputs: [{ optionalKey: list }],
  outputs: [list],
  outcomes: { outcome: 'Outcome' },
  process({ state, goTo }) {
    const it: string[] = [];
    state.set(list, it);
    it.push('x'.repeat(MAX_STATE_SIZE));
    return goTo('outcome');
  },
});

const asks = defineNode({
  ...base,
  type: 'Asks',
  config: z.object({}),
  outcomes: { outcome: 'Outcome' },
  process: ({ answered, goTo, send }) =>
    answered(nameCallback) === undefined ? send(nameCallback({ prompt: 'Name' })) : goTo('outcome'),
});

const before = (node: string, config: object = {}, to: object = { outcome: 'ask' }): TestTree => ({
  entry: 'first',
  nodes: {
    first: { type: node, config: { ...config }, to: { ...to } },
    ask: { type: 'Asks', to: { outcome: 'first' } },
  },
});
const setUp = (Login: TestTree) => {
  written = 0;
  return journeyHarness({ nodes: [writes, fills, changes, asks], trees: { Login } });
};
const begin = (it: ReturnType<typeof setUp>) => it.begin().catch((error: unknown) => error);

test('each member that a node has of its journey is listed here', () => {
  const members = Object.getOwnPropertyNames(NodeJourneyContext.prototype).filter((name) => name !== 'constructor');
  expect(members.toSorted()).toEqual(Object.keys(MEMBERS).toSorted());
});

describe('a node that writes without end is refused with the limit (SEC-93)', () => {
  test.each(WRITERS)('by %s', async (_, writer) => {
    write = writer;
    const it = setUp(before('Fills'));
    const end = await begin(it);
    expect(end).toMatchObject({
      code: 'NODE_FAILED',
      detail: { nodeId: 'first', reason: expect.stringMatching(/at most/) },
    });
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThanOrEqual(WRITES_AT_MOST);
    expect(it.log.lines.at(-1)?.msg).toMatch(/at most/);
    expect([...it.store.journeys.values()].every(({ ended }) => ended)).toBe(true);
  });
});

test('many rounds of one request, and a few of many requests, are refused at the same limit (SEC-93)', async () => {
  write = (journey, at) => journey.addSuccessDetails({ [`d${at}`]: TEXT });
  const most = Math.floor(MAX_STATE_SIZE / TEXT.length);
  await begin(setUp(before('Writes', { times: 150 }, { again: 'first', done: 'ask' })));
  expect(written).toBe(150);
  const it = setUp(before('Writes', { times: 10 }, { again: 'first', done: 'ask' }));
  let step: JourneyAnswer = await it.begin();
  let error: unknown;
  while (error === undefined && step.kind === 'step') {
    try {
      step = await it.answer(step, 'x');
    } catch (thrown) {
      error = thrown;
    }
  }
  expect(error).toMatchObject({ code: 'NODE_FAILED', detail: { reason: STATE_TOO_LARGE } });
  expect(written).toBeGreaterThan(most * 0.9);
  expect(written).toBeLessThanOrEqual(most);
});

test('what grew without being counted is refused where the step would be stored, and the log has the limit (SEC-93)', async () => {
  const it = setUp(before('Changes'));
  expect(await begin(it)).toBeDefined();
  const step = it.store.journeys.size;
  expect(step).toBe(0);
  expect(it.log.lines.at(-1)).toMatchObject({ msg: STATE_TOO_LARGE, fields: { nodeId: 'ask', nodeType: 'Asks' } });
});

/** One of each member that a run begins with, with a large text in it. */
const LARGE = 'x'.repeat(MAX_STATE_SIZE);
const CARRIED: Readonly<Record<keyof Carried, unknown>> = {
  shared: { a: LARGE },
  secure: { a: LARGE },
  identity: LARGE,
  boundUser: LARGE,
  credential: { userId: LARGE, rev: 1 },
  earnedFor: LARGE,
  factors: [{ user: LARGE, at: 1 }],
  sentCodes: [{ code: LARGE }],
  newestCodes: { mailCode: { code: LARGE } },
  followedLink: { attribute: 'mail', address: LARGE, userId: null },
  usedSessions: [{ userId: LARGE, sid: 'sid' }],
  challenges: { a: LARGE },
  handedOver: { a: { user: 'a', username: 'a', value: LARGE } },
  sessionOptions: { properties: { a: LARGE } },
  visited: [LARGE],
  settings: { a: { a: LARGE } },
  hidden: [{ a: LARGE }],
  innerVersions: { [LARGE]: 1 },
  backChannel: { idHash: LARGE },
};

test.each(Object.entries(CARRIED))('what the stored %s holds counts for the next write (SEC-93)', (name, value) => {
  const empty = { shared: {}, secure: {}, node: 'a', parameters: {}, sessionOptions: { properties: {} }, visited: [] };
  const execution = (more: object) => {
    const row = { state: writeState({ sent: [], presentation: {} }, { ...empty, ...more }).text };
    return new StepExecution({
      dependencies: { clock: simulatedClock() } as unknown as JourneyDependencies,
      unit: testUnitOfWork(),
      plan: {
        tree: {} as never,
        trees: { versions: new Map() } as never,
        reference: { journeyId: '1', realm: '/', tree: 'Login', treeVersion: 1, nonce: 'n', expiresAt: 0 },
        parameters: {},
        carried: readStored(row).state,
      },
      isPreview: false,
    });
  };
  for (const add of [
    (it: StepExecution) => it.context.state.setShared('b', 'x'),
    (it: StepExecution) => it.context.state.setTransient('b', 'x'),
    (it: StepExecution) => it.progress.keep('identity', 'x', 'x'),
  ]) {
    expect(() => add(execution({ [name]: value }))).toThrow(NodeFailure);
    expect(() => add(execution({}))).not.toThrow();
  }
});

describe('properties of a session', () => {
  const { properties, nameCharacters, valueCharacters, bytes, logoutWebhooks } = SESSION_PROPERTY_LIMITS;
  const ended = async (writer: Writer, times = 1) => {
    write = writer;
    const it = setUp({
      entry: 'first',
      nodes: {
        first: { type: 'Writes', config: { times }, to: { again: 'first', done: 'ask' } },
        ask: { type: 'Asks', to: { outcome: SUCCESS } },
      },
    });
    const error = await begin(it);
    const row = [...it.store.journeys.values()][0];
    return { error, kept: storedJourney(row).sessionOptions?.properties ?? {} };
  };
  const refused = (reason: RegExp) => ({ code: 'NODE_FAILED', detail: { reason: expect.stringMatching(reason) } });

  test.each<[string, Writer, RegExp]>([
    ['one more than so many', (it) => fill(it, properties + 1), /200 properties at most/],
    ['a long name', (it) => it.setSessionProperty('n'.repeat(nameCharacters + 1), 'x'), /256 characters at most/],
    ['a long value', (it) => it.setSessionProperty('n', 'x'.repeat(valueCharacters + 1)), /4096 characters at most/],
    ['so many characters', (it) => fill(it, 5, 'x'.repeat(bytes / 5)), /8192 bytes at most/],
    ['control characters', (it) => fill(it, 5, '\u0001'.repeat(bytes / 30)), /8192 bytes at most as JSON/],
    [
      'so many webhooks',
      (it) => {
        for (let at = 0; at <= logoutWebhooks; at += 1) it.addLogoutWebhook(`w${at}`);
      },
      /5 logout webhooks at most/,
    ],
  ])('that are too many or too long fail the node: %s (SEC-93)', async (_, writer, reason) => {
    expect((await ended(writer)).error).toMatchObject(refused(reason));
  });

  test('are kept up to the limits', async () => {
    const { error, kept } = await ended((it) => {
      fill(it, properties - 2);
      it.setSessionProperty('n'.repeat(nameCharacters), 'x');
      it.setSessionProperty('n', 'x'.repeat(valueCharacters));
    });
    expect(error).toMatchObject({ kind: 'step' });
    expect(Object.keys(kept)).toHaveLength(properties);
  });
});

const fill = (journey: Journey, count: number, value = 'x'): void => {
  for (let at = 0; at < count; at += 1) journey.setSessionProperty(`p${at}`, value);
};
