import { expect, test } from 'vitest';
import {
  asStep,
  at,
  credentials,
  failure,
  recovery,
  stepState,
  success,
  timedOut,
  visit,
  wait,
} from '../testing/visit.ts';

test('a wrong password shows the form again with its reason, and keeps the name', async () => {
  const page = visit();
  page.journey.open();
  await page.answer(asStep(credentials('a1')));
  page.journey.submit({ 0: 'demo', 1: 'wrong' });
  await page.answer(failure);
  await page.answer(asStep(credentials('a2')));
  expect(stepState(page.journey)).toMatchObject({
    first: true,
    busy: false,
    problem: { kind: 'credentials', message: undefined },
  });
  expect(page.journey.username()).toBe('demo');
  expect(page.sent.map((it) => it.call)).toEqual(['start', 'submit', 'start']);
});

test('a locked account ends with that reason', async () => {
  const page = visit();
  page.journey.open();
  await page.answer(asStep(credentials('a1')));
  page.journey.submit({ 0: 'demo', 1: 'x' });
  await page.answer({ ...failure, locked: true });
  expect(page.journey.state()).toMatchObject({ kind: 'end', end: 'locked' });
  expect(page.memory()).toBeUndefined();
});

test.each([
  ['a wait', wait('a2'), 'request'],
  ['recovery codes', recovery('a2'), 'codes'],
])('a failure after %s names its own reason', async (_what, step, end) => {
  const page = await at(step);
  if (page.timers.length > 0) page.ring();
  else page.journey.submit({ 0: '1111' });
  await page.answer(failure);
  expect(page.journey.state()).toMatchObject({ kind: 'end', end });
});

test('two presses send one answer', async () => {
  const page = visit();
  page.journey.open();
  await page.answer(asStep(credentials('a1')));
  page.journey.submit({ 0: 'demo', 1: 'pw' });
  page.journey.submit({ 0: 'demo', 1: 'pw' });
  expect(page.sent.filter((it) => it.call === 'submit')).toHaveLength(1);
});

test('a form that was left open too long just works: the answers go out again with a new authId', async () => {
  const page = visit();
  page.journey.open();
  await page.answer(asStep(credentials('a1')));
  page.journey.submit({ 0: 'demo', 1: 'pw' });
  await page.answer(timedOut);
  await page.answer(asStep(credentials('a9')));
  expect(page.sent.at(-1)).toEqual({ call: 'submit', authId: 'a9', values: ['demo', 'pw'] });
  await page.answer(timedOut);
  expect(page.journey.state()).toMatchObject({ kind: 'end', end: 'away' });
});

test('a journey that times out later says so', async () => {
  const page = await at(recovery('a2'));
  page.journey.submit({ 0: 'x' });
  await page.answer(timedOut);
  expect(page.journey.state()).toMatchObject({ kind: 'end', end: 'away' });
});

test('whoever makes no passkey is told so, and not that nobody is signed in', async () => {
  const outcome = {
    type: 'HiddenValueCallback',
    output: [{ name: 'id', value: 'webAuthnOutcome' }],
    input: [{ name: 'IDToken1', value: 'webAuthnOutcome' }],
  };
  const page = await at({ authId: 'a2', callbacks: [outcome], passkey: { kind: 'create', options: {} } as never });
  page.journey.submit({ 0: 'ERROR::NotAllowedError:' });
  await page.answer({ ...failure, message: '', failureUrl: '/am/account' });
  expect(page.journey.state()).toMatchObject({ kind: 'end', end: 'no-passkey', failureUrl: '/am/account' });
});

test('a user with a session is told at each other end that they are still signed in, and one without is not (F6)', async () => {
  const page = visit();
  page.journey.open();
  await page.answer({ ...failure, message: '', failureUrl: '/am/account' });
  expect(page.journey.state()).toMatchObject({ end: 'unfinished', isSignedIn: true, failureUrl: '/am/account' });

  const stranger = visit();
  stranger.signedInAs(undefined);
  stranger.journey.open();
  await stranger.answer({ ...failure, message: '' });
  expect(stranger.journey.state()).toMatchObject({ end: 'failed' });
  expect(stranger.journey.state()).not.toHaveProperty('isSignedIn');
});

test('a reload asks for the step again and sends nothing else', async () => {
  const page = visit({ authId: 'a5', first: false });
  page.journey.open();
  expect(page.sent).toEqual([{ call: 'resume', authId: 'a5' }]);
  await page.answer(asStep(recovery('a5')));
  expect(stepState(page.journey)).toMatchObject({ first: false, screen: { kind: 'recovery' } });
});

test('a reload after the journey is over starts a new one without a word', async () => {
  const page = visit({ authId: 'a5', first: false });
  page.journey.open();
  await page.answer(timedOut);
  await page.answer(asStep(credentials('a6')));
  expect(stepState(page.journey)).toMatchObject({ first: true, problem: undefined });
  expect(page.memory()).toEqual({ authId: 'a6', first: true });
});

test('coming back to a form sends nothing', async () => {
  const page = await at(recovery('a2'));
  const before = page.sent.length;
  page.journey.nudge();
  expect(page.sent).toHaveLength(before);
});

test('one lost poll is no news, ten seconds of them are', async () => {
  const page = await at(wait('a2'));
  page.ring();
  await page.answer({ kind: 'unreachable' });
  expect(page.journey.connection()).toEqual({ kind: 'fine' });
  for (let times = 0; times < 4; times += 1) {
    page.ring();
    await page.answer({ kind: 'unreachable' });
  }
  expect(page.journey.connection()).toEqual({ kind: 'lost' });
  page.ring();
  await page.answer(asStep(wait('a2')));
  expect(page.journey.connection()).toEqual({ kind: 'fine' });
});

test('an answer given offline goes out once, when the network is back', async () => {
  const page = await at(recovery('a2'));
  page.goOffline();
  page.journey.submit({ 0: 'CODE' });
  await page.answer({ kind: 'unreachable' });
  expect(page.journey.connection()).toEqual({ kind: 'offline' });
  page.journey.submit({ 0: 'CODE' });
  page.journey.nudge();
  expect(page.sent.slice(2).map((it) => it.values)).toEqual([['CODE'], ['CODE']]);
  await page.answer(success);
  expect(page.journey.state()).toMatchObject({ kind: 'success' });
});

test('a busy server is asked again when it said', async () => {
  const page = visit();
  page.journey.open();
  await page.answer({ kind: 'busy', retryAfter: 8000 });
  expect(page.journey.connection()).toEqual({ kind: 'busy', for: 8000 });
  expect(page.ring()).toBe(8000);
  expect(page.sent.map((it) => it.call)).toEqual(['start', 'start']);
});

test('after a fault the same answer goes out again (SEC-39)', async () => {
  const page = await at(recovery('a2'));
  page.journey.submit({ 0: 'CODE' });
  await page.answer({ kind: 'fault', reference: 'tx-1' });
  expect(page.journey.state()).toMatchObject({ kind: 'end', end: 'fault', reference: 'tx-1' });
  page.journey.retry();
  expect(page.sent.at(-1)).toEqual({ call: 'submit', authId: 'a2', values: ['CODE'] });
  await page.answer(asStep(recovery('a3')));
  expect(stepState(page.journey)).toMatchObject({ busy: false, screen: { kind: 'recovery' } });
});

test('a code that did not work is said on the same screen', async () => {
  const page = await at(recovery('a2'));
  const { serial } = stepState(page.journey);
  page.journey.submit({ 0: '1111' });
  await page.answer(asStep(recovery('a3')));
  expect(stepState(page.journey)).toMatchObject({ problem: { kind: 'answer' }, busy: false });
  expect(stepState(page.journey).serial).toBeGreaterThan(serial);
});

test('what was asked before Start over is not answered after it', async () => {
  const page = await at(recovery('a2'));
  page.journey.submit({ 0: '1111' });
  page.journey.startOver();
  await page.answer(success);
  expect(page.journey.state()).toEqual({ kind: 'loading' });
  await page.answer(asStep(credentials('b1')));
  expect(stepState(page.journey)).toMatchObject({ first: true, step: { authId: 'b1' } });
});

test('somebody who is signed in already is asked, not sent away', async () => {
  const page = visit();
  page.journey.open();
  await page.answer(success);
  expect(page.journey.state()).toEqual({ kind: 'signed-in', name: 'demo', successUrl: '/am/console' });
});
