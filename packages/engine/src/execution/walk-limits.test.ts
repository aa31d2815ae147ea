import { expect, test } from 'vitest';
import { z } from 'zod';
import { nameCallback } from '../callbacks/catalogue.ts';
import { JourneyError } from '../model/errors.ts';
import { FAILURE } from '../model/tree.ts';
import { defineNode } from '../node/node-definition.ts';
import type { JourneyDependencies } from '../step/journey-requests.ts';
import { journeyHarness, type TestTree } from '../testing/journey-harness.ts';
import { ROWS_OF_KIND, ROWS_OF_REQUEST } from '../unit-of-work/audit-repeats.ts';
import { LINES_OF_KIND } from './bounded-log.ts';
import {
  CHARACTERS_WITHOUT_TURN,
  MAX_CHARACTERS_OF_REQUEST,
  MAX_CHARACTERS_OF_VISIT,
  MAX_NODES_INSIDE_PAGES,
  MAX_NODES_PER_REQUEST,
  NODES_WITHOUT_TURN,
} from './walk-limits.ts';

const base = { title: 'x', help: 'x', tags: [] } as const;
const events: string[] = [];

/** Goes on, with a row in the audit log, a line in the log, and some work. */
const step = defineNode({
  ...base,
  type: 'Step',
  config: z.object({ work: z.number().default(0) }),
  outcomes: { outcome: 'Outcome' },
  errors: { said: 'Something was said' },
  async process({ config, nodeId, beginWork, report, goTo }) {
    await beginWork(config.work);
    events.push(nodeId);
    report('said');
    return goTo('outcome', { at: events.length });
  },
});

/** Goes in a circle so many times. */
const rounds = defineNode({
  ...base,
  type: 'Rounds',
  config: z.object({ rounds: z.number() }),
  outcomes: { again: 'Again', done: 'Done' },
  process({ config, goTo }) {
    events.push('round');
    return events.length <= config.rounds ? goTo('again', { at: events.length }) : goTo('done');
  },
});

const ask = defineNode({
  ...base,
  type: 'Ask',
  config: z.object({}),
  outcomes: { outcome: 'Outcome' },
  process: ({ answered, goTo, send }) =>
    answered(nameCallback) === undefined ? send(nameCallback({ prompt: 'Name' })) : goTo('outcome'),
});

const page = defineNode({
  ...base,
  type: 'Page',
  config: z.object({ nodes: z.array(z.string()) }),
  children: ({ nodes }) => nodes,
  outcomes: { outcome: 'Outcome' },
  async process({ children, goTo }) {
    for (const child of children) await child.process([], []);
    return goTo('outcome');
  },
});

const inner = defineNode({
  ...base,
  type: 'Inner',
  config: z.object({}),
  outcomes: { outcome: 'Outcome' },
  innerTree: () => 'Inside',
  async process({ runInnerTree, goTo }) {
    await runInnerTree();
    return goTo('outcome');
  },
});

/** Nodes in a row, and a question behind them. */
const row = (length: number, config: object = {}): TestTree => ({
  entry: 'n0',
  nodes: {
    ...Object.fromEntries(
      Array.from({ length }, (_, at) => [
        `n${at}`,
        { type: 'Step', config: { ...config }, to: { outcome: at + 1 === length ? 'ask' : `n${at + 1}` } },
      ]),
    ),
    ask: { type: 'Ask', to: { outcome: FAILURE } },
  },
});
const circle = (rounds: number): TestTree => ({
  entry: 'a',
  nodes: {
    a: { type: 'Rounds', config: { rounds }, to: { again: 'a', done: 'ask' } },
    ask: { type: 'Ask', to: { outcome: FAILURE } },
  },
});
const LOOP: TestTree = { entry: 'a', nodes: { a: { type: 'Step', to: { outcome: 'a' } } } };

const begun = async (
  trees: Readonly<Record<string, TestTree>>,
  take: JourneyDependencies['walkTurns'] = async () => {
    events.push('turn');
  },
) => {
  events.length = 0;
  const it = journeyHarness({ nodes: [step, rounds, ask, page, inner], trees, faults: take && { walkTurns: take } });
  const end = await it.begin().catch((error: unknown) => error);
  return { it, end };
};

test('the first nodes of a request take no turn, and each one after them takes one (SEC-93)', async () => {
  const { end } = await begun({ Login: row(NODES_WITHOUT_TURN) });
  // The node that asks is one more.
  expect(events).toEqual([...Array.from({ length: NODES_WITHOUT_TURN }, (_, at) => `n${at}`), 'turn']);
  expect(end).toMatchObject({ kind: 'step' });
  await begun({ Login: row(NODES_WITHOUT_TURN - 1) });
  expect(events).not.toContain('turn');
  await begun({ Login: row(NODES_WITHOUT_TURN + 2) });
  expect(events.slice(NODES_WITHOUT_TURN)).toEqual(['turn', 'n16', 'turn', 'n17', 'turn']);
});

test('a tree that loops ends after a bounded number of nodes, each in a turn, with a bounded number of rows and lines (SEC-93)', async () => {
  const { it, end } = await begun({ Login: LOOP });
  expect(end).toMatchObject({ code: 'NODE_FAILED', detail: { nodeId: 'a', reason: expect.stringContaining('200') } });
  const count = (what: string) => events.filter((event) => event === what).length;
  expect([count('a'), count('turn')]).toEqual([MAX_NODES_PER_REQUEST, MAX_NODES_PER_REQUEST - NODES_WITHOUT_TURN]);
  expect(it.log.lines.filter(({ msg }) => msg === 'Something was said')).toHaveLength(LINES_OF_KIND);
  expect(it.log.lines.at(-1)).toMatchObject({
    msg: 'Log lines of a request were left out.',
    fields: { leftOut: MAX_NODES_PER_REQUEST - LINES_OF_KIND, journey: 'Login', realm: '/' },
  });
});

test('rows that a loop repeats are counted in one row, and a question behind many nodes has all of theirs (SEC-93)', async () => {
  const { it } = await begun({ Login: circle(40) }, async () => undefined);
  const rows = it.store.audit.filter(({ event }) => event === 'JOURNEY_STEP');
  expect(rows).toHaveLength(ROWS_OF_KIND);
  expect(rows.map(({ detail }) => detail?.more)).toEqual([
    ...Array(ROWS_OF_KIND - 1).fill(undefined),
    40 - ROWS_OF_KIND,
  ]);
  const many = await begun({ Login: row(100) });
  const all = many.it.store.audit.filter(({ event }) => event === 'JOURNEY_STEP');
  expect(all.length).toBeLessThanOrEqual(ROWS_OF_REQUEST);
  expect(all.reduce((sum, { detail }) => sum + 1 + Number(detail?.more ?? 0), 0)).toBe(100);
});

test('the trees inside and the nodes inside pages take the turns of their request, one after the other (SEC-93)', async () => {
  let waiting = 0;
  const most: number[] = [];
  const take = async () => {
    waiting += 1;
    most.push(waiting);
    await Promise.resolve();
    waiting -= 1;
  };
  const inside = Array.from({ length: 30 }, (_, at) => `c${at}`);
  const Login: TestTree = {
    entry: 'page',
    nodes: {
      page: { type: 'Page', config: { nodes: inside }, to: { outcome: 'inner' } },
      inner: { type: 'Inner', to: { outcome: 'ask' } },
      ask: { type: 'Ask', to: { outcome: FAILURE } },
    },
    inside: Object.fromEntries(inside.map((id) => [id, { type: 'Step' }])),
  };
  const Inside: TestTree = {
    entry: 'n0',
    nodes: { ...row(20).nodes, ask: { type: 'Step', to: { outcome: FAILURE } } },
  };
  await begun({ Login, Inside }, take);
  expect(most.length).toBeGreaterThan(30);
  expect([Math.max(...most), waiting]).toEqual([1, 0]);
});

test('nodes inside pages are bounded in number (SEC-93)', async () => {
  const inside = Array.from({ length: 300 }, (_, at) => `c${at}`);
  const { end } = await begun({
    Login: {
      entry: 'a',
      nodes: { a: { type: 'Page', config: { nodes: inside }, to: { outcome: 'a' } } },
      inside: Object.fromEntries(inside.map((id) => [id, { type: 'Step' }])),
    },
  });
  expect(end).toMatchObject({ code: 'NODE_FAILED', detail: { reason: expect.stringContaining('nodes inside pages') } });
  expect(events.filter((event) => event.startsWith('c'))).toHaveLength(MAX_NODES_INSIDE_PAGES);
});

test('much work of one visit waits for a turn, and too much fails the node (SEC-93)', async () => {
  await begun({ Login: row(1, { work: CHARACTERS_WITHOUT_TURN }) });
  expect(events).toEqual(['n0']);
  await begun({ Login: row(1, { work: CHARACTERS_WITHOUT_TURN + 1 }) });
  expect(events).toEqual(['turn', 'n0']);
  const { end } = await begun({ Login: row(1, { work: MAX_CHARACTERS_OF_VISIT + 1 }) });
  expect(end).toMatchObject({ code: 'NODE_FAILED', detail: { reason: expect.stringContaining('524289 characters') } });
  expect(events).toEqual([]);
  const many = await begun({ Login: row(10, { work: MAX_CHARACTERS_OF_VISIT }) });
  expect(many.end).toMatchObject({ code: 'NODE_FAILED', detail: { reason: expect.stringContaining('one request') } });
  const most = MAX_CHARACTERS_OF_REQUEST / MAX_CHARACTERS_OF_VISIT;
  expect(events.filter((event) => event.startsWith('n'))).toHaveLength(most);
});

test('a walk that gets no turn is answered OVERLOADED, and writes nothing (REL-14)', async () => {
  const { it, end } = await begun({ Login: row(40) }, async () => {
    throw new JourneyError('OVERLOADED', { retryAfterSeconds: 1 });
  });
  expect(end).toMatchObject({ code: 'OVERLOADED' });
  expect([events.length, it.store.commits]).toEqual([NODES_WITHOUT_TURN, 0]);
});
