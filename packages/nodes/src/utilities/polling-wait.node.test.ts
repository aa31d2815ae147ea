import { clock as clockPort, confirmationCallback, NOT_PRESSED, pollingWaitCallback } from '@assent/engine';
import { Bindings, SUCCESS } from '@assent/engine/host';
import { fakeRequest, journeyHarness, runNode, simulatedClock } from '@assent/engine/testing';
import { pushMessages as pushMessagesPort } from '@assent/push';
import { describe, expect, test } from 'vitest';
import { AUTHENTICATE_ID, MemoryMessages } from '../testing/push-doubles.ts';
import { pollingWait } from './polling-wait.node.ts';

const setUp = (config: Record<string, unknown> = {}) => {
  const clock = simulatedClock();
  const pushMessages = new MemoryMessages();
  return { clock, pushMessages, given: { config, ports: { clock, pushMessages } } };
};

test.each([
  ['secondsToWait', 0],
  ['spamDetectionTolerance', -1],
  ['waitingMessage', { qq_QQ: 'x' }],
  ['exitMessage', { x: 'x' }],
])('settings refuse %s %j', async (name, value) => {
  await expect(runNode(pollingWait, setUp({ [name]: value }).given)).rejects.toThrow(name);
});

test('fails where the push message of the journey cannot be read', async () => {
  const { given, pushMessages } = setUp();
  pushMessages.failing = { method: 'status', error: new Error('disk') };
  const message = 'An unexpected error occurred while verifying the push result';
  await expect(runNode(pollingWait, { ...given, state: { pushMessageId: AUTHENTICATE_ID } })).rejects.toMatchObject({
    message,
  });
});

describe('spam detection', () => {
  test('answers the early polls that it tolerates, and no more', async () => {
    const { given } = setUp({ spamDetectionEnabled: true, spamDetectionTolerance: 1 });
    let now = await runNode(pollingWait, given);
    const counts = [now.state['n1.spam_count']];
    for (let poll = 0; poll < 2; poll += 1) {
      now = await now.again();
      counts.push(now.state['n1.spam_count']);
    }
    expect(counts).toEqual([0, 1, 2]);
    const last = await now.again();
    expect(last.action).toMatchObject({ outcome: 'SPAM' });
    expect(last.state).toEqual({});
  });

  test('comes before the end of the wait, so that patience at last changes nothing', async () => {
    const { given, clock } = setUp({ spamDetectionEnabled: true, spamDetectionTolerance: 0 });
    const early = await (await runNode(pollingWait, given)).again();
    clock.advance(60_000);
    expect((await early.again()).action).toMatchObject({ outcome: 'SPAM' });
  });

  test('does not count where it is off', async () => {
    const { given } = setUp({ spamDetectionTolerance: 0 });
    const third = await (await (await runNode(pollingWait, given)).again()).again();
    expect(third.callbacks).toHaveLength(1);
  });
});

describe('the exit', () => {
  test('is offered only where the wait is exitable', async () => {
    expect((await runNode(pollingWait, setUp().given)).callbacks.map(({ type }) => type)).toEqual([
      'PollingWaitCallback',
    ]);
    const { callbacks } = await runNode(pollingWait, setUp({ exitable: true }).given);
    expect(callbacks[1]).toEqual(confirmationCallback({ options: ['Cancel'], selected: NOT_PRESSED }));
  });

  test('wins when pressed, and leaves nothing behind', async () => {
    const first = await runNode(pollingWait, setUp({ exitable: true }).given);
    const { action, state } = await first.again([undefined, 0]);
    expect(action).toMatchObject({ outcome: 'EXITED' });
    expect(state).toEqual({});
  });

  test('speaks the author’s words, and falls back to ours for a language that is not there', async () => {
    const config = { exitable: true, exitMessage: { de: 'Abbrechen' }, waitingMessage: { de: 'Noch {{time}} s' } };
    const german = { ...setUp(config).given, request: fakeRequest({ locales: ['de'] }) };
    expect((await runNode(pollingWait, german)).callbacks).toMatchObject([
      { output: { message: 'Noch 8 s' } },
      { output: { options: ['Abbrechen'] } },
    ]);
    expect((await runNode(pollingWait, setUp(config).given)).callbacks).toMatchObject([
      { output: { message: 'Waiting for response...' } },
      { output: { options: ['Cancel'] } },
    ]);
  });
});

test('asks again until the time is over, always for the whole wait', async () => {
  const { given, clock } = setUp({ secondsToWait: 3 });
  const first = await runNode(pollingWait, given);
  expect(first.callbacks).toEqual([pollingWaitCallback({ waitTime: 3_000, message: 'Waiting for response...' })]);
  clock.advance(3_000);
  const again = await first.again();
  expect(again.callbacks).toEqual(first.callbacks);
  clock.advance(1);
  const end = await again.again();
  expect(end.action).toMatchObject({ outcome: 'DONE' });
  expect(end.state).toEqual({});
});

test.each([{ status: 'approved' }, { status: 'denied', reason: 'not_me' }] as const)(
  'goes on at once when the phone has said %j (design.md §3.3)',
  async (status) => {
    const { given, pushMessages } = setUp();
    const first = await runNode(pollingWait, { ...given, state: { pushMessageId: AUTHENTICATE_ID } });
    pushMessages.statusNow = status;
    expect((await first.again()).action).toMatchObject({ outcome: 'DONE' });
  },
);

test.each([
  [false, true],
  [true, false],
])('with detection %s an early poll leaves the step as it is: %s', async (spamDetectionEnabled, isSame) => {
  const { clock, pushMessages } = setUp();
  const it = journeyHarness({
    nodes: [pollingWait],
    trees: {
      Login: {
        entry: 'wait',
        nodes: {
          wait: { type: 'PollingWaitNode', config: { spamDetectionEnabled }, to: { DONE: SUCCESS, SPAM: SUCCESS } },
        },
      },
    },
    bindings: new Bindings().bind(clockPort, () => clock).bind(pushMessagesPort, () => pushMessages),
    clock,
  });
  const step = await it.begin();
  const commits = it.store.commits;
  const again = await it.step(step);
  expect(again.reference.nonce === step.reference.nonce).toBe(isSame);
  expect(it.store.commits === commits).toBe(isSame);
});
