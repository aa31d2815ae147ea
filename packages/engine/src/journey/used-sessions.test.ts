import { expect, test } from 'vitest';
import { z } from 'zod';
import { nameCallback } from '../callbacks/catalogue.ts';
import { MAX_USED_SESSIONS } from '../execution/used-sessions.ts';
import type { Identity } from '../model/identities.ts';
import type { Session } from '../model/sessions.ts';
import { FAILURE, SUCCESS } from '../model/tree.ts';
import { defineNode } from '../node/node-definition.ts';
import { fakeRequest, journeyHarness, submitted, type TestStep, testUserId } from '../testing/index.ts';
import { type NodeInLine, treeInLine } from '../testing/tree-in-line.ts';

// What a session says of its user holds while the session lives, also in a journey that has read it before (docs/adr/0149).

const base = { title: 'x', help: 'x', tags: [] } as const;

const reads = defineNode({
  ...base,
  type: 'Reads',
  config: z.object({}),
  outcomes: { outcome: 'Outcome', nobody: 'Nobody' },
  process({ request: { session }, journey, goTo }) {
    if (session === undefined) return goTo('nobody');
    journey.identify({ id: session.userId, username: session.username, credentialRev: 1 } as Identity);
    return goTo('outcome');
  },
});

const identifies = defineNode({
  ...base,
  type: 'Identifies',
  config: z.object({}),
  outcomes: { outcome: 'Outcome' },
  process({ journey, goTo }) {
    journey.identify({ id: testUserId('demo'), username: 'demo', credentialRev: 1 } as Identity);
    return goTo('outcome');
  },
});

const suspends = defineNode({
  ...base,
  type: 'Suspends',
  config: z.object({}),
  outcomes: { outcome: 'Outcome' },
  sends: [nameCallback],
  process({ journey, resumed, goTo, send }) {
    if (resumed) return goTo('outcome');
    return send(nameCallback({ prompt: journey.suspend(60) }));
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

const READS: NodeInLine = ['Reads', {}, { nobody: FAILURE }];

const sessionOf = (username: string, other: Partial<Session> = {}): Session => ({
  tokenHash: `hash of ${username}`,
  handle: `handle of ${username}`,
  sid: `sid of ${username}`,
  realm: '/',
  userId: testUserId(username),
  username,
  properties: {},
  createdAt: 0,
  lastUsedAt: 0,
  maxExpiresAt: Number.MAX_SAFE_INTEGER,
  maxIdleMillis: Number.MAX_SAFE_INTEGER,
  ...other,
});

const setUpTo = (end: string, ...line: readonly NodeInLine[]) => {
  const it = journeyHarness({
    nodes: [reads, identifies, suspends, asks],
    trees: { Login: treeInLine(line, end) },
    users: { demo: {}, other: {} },
  });
  const session = sessionOf('demo');
  it.store.sessions.set(session.tokenHash, session);
  const signedIn = { request: fakeRequest({ session }) };
  const answer = (step: TestStep, as: { readonly request?: ReturnType<typeof fakeRequest> } = {}) =>
    it.post(step.reference, submitted(step, ['x']), as);
  const step = async (...given: Parameters<typeof answer>) => (await answer(...given)) as TestStep;
  return { ...it, session, signedIn, answer, step, end: () => void it.store.sessions.delete(session.tokenHash) };
};
const setUp = (...line: readonly NodeInLine[]) => setUpTo(SUCCESS, ...line);
const ended = { code: 'JOURNEY_EXPIRED', detail: { reason: 'A session that it has read has ended.' } };

test('a journey is over at its last step where the session that it has read has ended, and signs nobody in', async () => {
  const it = setUp(['Asks'], READS, ['Asks']);
  const held = await it.step(await it.begin(), it.signedIn);
  it.end();
  await expect(it.answer(held)).rejects.toMatchObject(ended);
  expect(it.store.sessions.size).toBe(0);
  expect(it.store.audit.map(({ event, outcome }) => [event, outcome]).at(-1)).toEqual(['AUTH_FAIL', 'sessionEnded']);
  await expect(it.answer(held)).rejects.toMatchObject({ detail: { reason: 'The journey has finished.' } });
});

test('it is over also for a caller with another session of that user, and at a step in the middle', async () => {
  const it = setUp(['Asks'], READS, ['Asks'], ['Asks']);
  const held = await it.step(await it.begin(), it.signedIn);
  it.end();
  const session = sessionOf('demo', { tokenHash: 'other', sid: 'other' });
  it.store.sessions.set('other', session);
  await expect(it.answer(held, { request: fakeRequest({ session }) })).rejects.toMatchObject(ended);
  expect([...it.store.sessions.keys()]).toEqual(['other']);
});

test('a session that ends while the last submit is under way is too late for it', async () => {
  const it = setUp(['Asks'], READS, ['Asks']);
  const held = await it.step(await it.begin(), it.signedIn);
  it.store.beforeCommit = it.end;
  await expect(it.answer(held, it.signedIn)).rejects.toMatchObject(ended);
});

test('a journey that ends in Failure writes nothing of its nodes either', async () => {
  const it = setUpTo(FAILURE, ['Asks'], READS, ['Asks']);
  const held = await it.step(await it.begin(), it.signedIn);
  it.end();
  await expect(it.answer(held)).rejects.toMatchObject(ended);
});

test('the link of a suspended journey opens nothing after the session has ended', async () => {
  const it = setUp(['Asks'], READS, ['Suspends'], ['Asks']);
  const held = await it.step(await it.begin(), it.signedIn);
  const link = String(held.callbacks[0]?.output.prompt);
  it.end();
  const suspendedId = new URLSearchParams(link.slice(link.indexOf('?'))).get('suspendedId') ?? '';
  await expect(it.resume(suspendedId)).rejects.toMatchObject(ended);
});

test('a session that ends in the submit that reads it first is read as none', async () => {
  const it = setUp(['Asks'], READS);
  const first = await it.begin();
  it.store.beforeCommit = it.end;
  await expect(it.answer(first, it.signedIn)).rejects.toMatchObject({ code: 'LOGIN_FAILED' });
});

test('a journey goes on while the session lives, also after the session was upgraded', async () => {
  const it = setUp(['Asks'], READS, ['Asks'], ['Asks']);
  const first = await it.step(await it.begin(), it.signedIn);
  const held = await it.step(first);
  it.end();
  it.store.sessions.set('renewed', { ...it.session, tokenHash: 'renewed' });
  expect(await it.answer(held)).toMatchObject({ kind: 'success' });
});

test('a journey whose nodes read no session demands none, though its caller has one', async () => {
  const it = setUp(['Asks'], ['Identifies'], ['Asks']);
  const held = await it.step(await it.begin(), it.signedIn);
  it.end();
  expect(await it.answer(held)).toMatchObject({ kind: 'success' });
});

test('a first step that has read a session is read again with the submit', async () => {
  const it = setUp(READS, ['Asks']);
  const first = (await it.start('Login', {}, it.signedIn.request)) as TestStep;
  it.end();
  await expect(it.answer(first)).rejects.toMatchObject(ended);
});

test('a journey reads no more sessions than its commits can demand', async () => {
  const line = Array.from({ length: MAX_USED_SESSIONS + 1 }, (): readonly NodeInLine[] => [['Asks'], READS]).flat();
  const it = setUp(...line, ['Asks']);
  let step = await it.begin();
  for (let n = 0; n <= MAX_USED_SESSIONS; n += 1) {
    const session = sessionOf('demo', { tokenHash: `hash-${n}`, sid: `sid-${n}` });
    it.store.sessions.set(session.tokenHash, session);
    const next = it.answer(step, { request: fakeRequest({ session }) });
    if (n < MAX_USED_SESSIONS) step = (await next) as TestStep;
    else await expect(next).rejects.toMatchObject({ code: 'NODE_FAILED' });
  }
});
