import { fakeRequest, runNode, simulatedClock } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { AUTHENTICATE_ID, MemoryMessages } from '../testing/push-doubles.ts';
import { pushWait } from './push-wait.node.ts';

const setUp = () => {
  const clock = simulatedClock();
  const pushMessages = new MemoryMessages();
  return { clock, pushMessages, given: { ports: { clock, pushMessages }, state: { pushMessageId: AUTHENTICATE_ID } } };
};
const PRESS = [undefined, 0];

test.each([
  ['secondsToWait', 0],
  ['exitMessage', { qq_QQ: 'x' }],
  ['waitingMessage', { x: 'x' }],
  ['challengeMessage', { '': 'x' }],
])('settings refuse %s %j', async (name, value) => {
  await expect(runNode(pushWait, { ...setUp().given, config: { [name]: value } })).rejects.toThrow(name);
});

test('fails where the message cannot be read', async () => {
  const { given, pushMessages } = setUp();
  pushMessages.failing = { method: 'status', error: new Error('disk') };
  const text = 'An unexpected error occurred while verifying the push result';
  await expect(runNode(pushWait, given)).rejects.toMatchObject({ message: text });
});

describe('the exit', () => {
  const everything = {
    pushMessageId: AUTHENTICATE_ID,
    pushMessageExpiration: 1,
    t: 1,
    pushNumberChallengeKey: '42',
    pushNumberIs: 'tapped',
    pushMechanismUid: 'kept',
  };

  test('closes the message, and leaves nothing that a next Push Sender would stumble over', async () => {
    const { given, pushMessages } = setUp();
    const first = await runNode(pushWait, { ...given, state: everything });
    const { action, state } = await first.again([undefined, undefined, 0]);
    expect(action).toMatchObject({ kind: 'goTo', outcome: 'EXITED' });
    expect(pushMessages.closed).toEqual([[AUTHENTICATE_ID, 'exit']]);
    expect(state).toEqual({ pushMechanismUid: 'kept' });
  });

  test('wins against an answer that came at the same time', async () => {
    const { given, pushMessages } = setUp();
    const first = await runNode(pushWait, given);
    pushMessages.statusNow = { status: 'approved' };
    expect((await first.again(PRESS)).action).toMatchObject({ outcome: 'EXITED' });
  });

  test('is not pressed by a client that only posts the step back', async () => {
    const first = await runNode(pushWait, setUp().given);
    expect((await first.again()).action).toEqual(first.action);
  });

  test.each([[1], [-1], [99]])('has no option %s', async (index) => {
    const first = await runNode(pushWait, setUp().given);
    await expect((async () => first.again([undefined, index]))()).rejects.toMatchObject({ code: 'CALLBACK_VALUE' });
  });

  test('works without a message', async () => {
    const { given, pushMessages } = setUp();
    const { action } = await (await runNode(pushWait, { ...given, state: {} })).again(PRESS);
    expect(action).toMatchObject({ outcome: 'EXITED' });
    expect(pushMessages.closed).toEqual([]);
  });
});

describe('the wait', () => {
  test('is over once its time has passed, not when it is just up', async () => {
    const { clock, given } = setUp();
    const first = await runNode(pushWait, given);
    clock.advance(5_000);
    const second = await first.again();
    expect(second.action).toEqual(first.action);
    clock.advance(1);
    const done = await second.again();
    expect(done.action).toMatchObject({ kind: 'goTo', outcome: 'DONE' });
    expect(done.state).toEqual({ pushMessageId: AUTHENTICATE_ID });
  });

  test.each([[{ status: 'approved' }], [{ status: 'denied', reason: 'denied' }], [{ status: 'expired' }]] as const)(
    'is over at once when the message is %j',
    async (status) => {
      const { given, pushMessages } = setUp();
      const first = await runNode(pushWait, given);
      pushMessages.statusNow = status;
      const { action, state } = await first.again();
      expect(action).toMatchObject({ kind: 'goTo', outcome: 'DONE' });
      expect(state).not.toHaveProperty(['n1.end_time']);
    },
  );

  test('does not begin where the phone has answered already', async () => {
    const { given, pushMessages } = setUp();
    pushMessages.statusNow = { status: 'approved' };
    expect((await runNode(pushWait, given)).action).toMatchObject({ outcome: 'DONE' });
  });

  test('asks at least once for a request that is over, so that no tree spins without a poll', async () => {
    const { given, pushMessages } = setUp();
    pushMessages.statusNow = { status: 'expired' };
    expect((await runNode(pushWait, given)).action.kind).toBe('send');
  });

  test('without a message goes by the clock alone', async () => {
    const { clock, given } = setUp();
    const first = await runNode(pushWait, { ...given, config: { secondsToWait: 8 }, state: {} });
    expect(first.shared).toEqual({ 'n1.end_time': clock.now() + 8_000 });
    clock.advance(8_001);
    expect((await first.again()).action).toMatchObject({ outcome: 'DONE' });
  });

  test('keeps the end that it began with, under a key that no poll stores', async () => {
    const { clock, given } = setUp();
    const first = await runNode(pushWait, given);
    const end = first.shared['n1.end_time'];
    clock.advance(1_000);
    expect((await first.again()).shared['n1.end_time']).toBe(end);
    expect(pushWait.outputs.filter(({ volatile }) => volatile).map(({ keyName }) => keyName)).toEqual(['end_time']);
  });
});

describe('what it shows', () => {
  test('without a number: a poll and the exit, not pressed', async () => {
    const { callbacks } = await runNode(pushWait, setUp().given);
    expect(callbacks).toEqual([
      { type: 'PollingWaitCallback', output: { waitTime: 5000, message: 'Waiting for your phone…' } },
      {
        type: 'ConfirmationCallback',
        output: { prompt: '', messageType: 0, options: ['Cancel'], optionType: -1, defaultOption: 0 },
        input: { '': 100 },
      },
    ]);
  });

  test.each([
    ['typed', 'On your phone, type 482915.'],
    ['tapped', 'On your phone, choose 482915.'],
    [undefined, 'On your phone, choose 482915.'],
    ['typed-or-tapped', 'On your phone, type 482915 or choose its last two digits.'],
  ])('with a number that is %s: "%s", and the number by itself', async (pushNumberIs, message) => {
    const state = { pushNumberChallengeKey: '482915', ...(pushNumberIs && { pushNumberIs }) };
    const { callbacks } = await runNode(pushWait, { ...setUp().given, state });
    expect(callbacks).toMatchObject([
      { type: 'PollingWaitCallback', output: { message } },
      { type: 'HiddenValueCallback', output: { value: '482915', id: 'pushChallengeNumber' } },
      { type: 'ConfirmationCallback' },
    ]);
  });

  test.each([
    [{ waitingMessage: { fr: '{{time}} s', de: '{{time}} Sek.' } }, ['de'], '7 Sek.', 'Cancel'],
    [{ waitingMessage: { fr: '{{time}} s', de: '{{time}} Sek.' } }, ['ja'], '7 s', 'Cancel'],
    [{ exitMessage: { en: 'Lost phone?' } }, ['en-GB'], 'Waiting for your phone…', 'Lost phone?'],
  ])('in the author’s words %j', async (texts, locales, message, exit) => {
    const request = fakeRequest({ locales });
    const { callbacks } = await runNode(pushWait, {
      ...setUp().given,
      config: { secondsToWait: 7, ...texts },
      request,
    });
    expect(callbacks[0]?.output).toEqual({ waitTime: 7000, message });
    expect(callbacks[1]?.output.options).toEqual([exit]);
  });

  test('in the author’s words around the number', async () => {
    const config = { challengeMessage: { en: 'Tap {{challenge}} ($&)' } };
    const state = { pushNumberChallengeKey: '42' };
    const { callbacks } = await runNode(pushWait, { ...setUp().given, config, state });
    expect(callbacks[0]?.output.message).toBe('Tap 42 ($&)');
  });
});
