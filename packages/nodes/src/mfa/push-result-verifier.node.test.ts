import { JourneyError } from '@assent/engine';
import { memoryIdentities, memoryLog, runNode, testUserId } from '@assent/engine/testing';
import type { MessageStatus } from '@assent/push';
import { describe, expect, test } from 'vitest';
import { AUTHENTICATE_ID, MemoryDevices, MemoryMessages, REGISTER_ID, testDevice } from '../testing/push-doubles.ts';
import { pushResultVerifier } from './push-result-verifier.node.ts';

const sent = {
  username: 'demo',
  pushMessageId: AUTHENTICATE_ID,
  t: 120_000,
  pushMessageExpiration: 1_000_000,
  pushMechanismUid: 'mechanism-1',
  pushNumberChallengeKey: '42',
  pushNumberIs: 'tapped',
};
const DEVICE = { kind: 'push', uuid: testDevice().uuid };
const left = { username: 'demo', pushMechanismUid: 'mechanism-1' };
const setUp = (status: MessageStatus) => {
  const pushMessages = new MemoryMessages();
  pushMessages.statusNow = status;
  const pushDevices = new MemoryDevices(testDevice());
  const log = memoryLog();
  return {
    pushMessages,
    pushDevices,
    log,
    given: {
      ports: { identities: memoryIdentities({ demo: {}, other: {} }), pushDevices, pushMessages },
      log,
      state: sent,
    },
  };
};

test.each([[{}], [{ pushMessageId: '' }]])('fails without a message (%j)', async (state) => {
  const run = runNode(pushResultVerifier, { ...setUp({ status: 'pending' }).given, state });
  await expect(run).rejects.toThrow(/^Unable to find push message ID$/);
});

test.each([['status'], ['answeredBy']])('fails where %s does', async (method) => {
  const { given, pushMessages, pushDevices } = setUp({ status: 'approved' });
  const failing = { method, error: new Error('disk') };
  pushMessages.failing = failing;
  pushDevices.failing = failing;
  const text = 'An unexpected error occurred while verifying the push result';
  await expect(runNode(pushResultVerifier, given)).rejects.toMatchObject({ message: text });
});

test('lets an overloaded server say so', async () => {
  const { given, pushMessages } = setUp({ status: 'pending' });
  const overloaded = new JourneyError('OVERLOADED', { retryAfterSeconds: 1 });
  pushMessages.failing = { method: 'status', error: overloaded };
  await expect(runNode(pushResultVerifier, given)).rejects.toBe(overloaded);
});

test('fails on a state that nobody knows', async () => {
  const { given } = setUp({ status: 'lost' } as never);
  await expect(runNode(pushResultVerifier, given)).rejects.toThrow(/^Unrecognized push message status: lost$/);
});

test.each([
  [REGISTER_ID, 'REGISTER'],
  ['OTHER:1', 'OTHER'],
])('%s proves no sign-in, even when it is approved', async (pushMessageId, type) => {
  const { given, pushMessages, log } = setUp({ status: 'approved' });
  const { action, journey, state } = await runNode(pushResultVerifier, { ...given, state: { ...sent, pushMessageId } });
  expect(action).toMatchObject({ kind: 'goTo', outcome: 'FALSE' });
  expect(journey).toMatchObject({ nodeTypes: [], proven: [] });
  expect(state).toEqual(left);
  expect(pushMessages.consumed).toEqual([]);
  expect(log.lines).toMatchObject([
    { msg: `The push message corresponds to ${type} message type which is not registered in the / realm` },
  ]);
});

describe('an answer', () => {
  test.each([['denied'], ['number'], ['not_me']])('that was refused (%s) is Failure, taken once', async (reason) => {
    const { given, pushMessages, pushDevices } = setUp({ status: 'denied', reason });
    const { action, journey, state } = await runNode(pushResultVerifier, given);
    expect(action).toEqual({ kind: 'goTo', outcome: 'FALSE', detail: { reason } });
    expect(pushMessages.consumed).toEqual([[AUTHENTICATE_ID, 'denied']]);
    expect(pushDevices.accesses).toEqual([]);
    expect(journey).toMatchObject({ nodeTypes: [], proven: [] });
    expect(state).toEqual(left);
  });

  test('that never came is Expired, and the message is closed', async () => {
    const { given, pushMessages } = setUp({ status: 'expired' });
    const { action, state, journey } = await runNode(pushResultVerifier, given);
    expect(action).toMatchObject({ kind: 'goTo', outcome: 'EXPIRED' });
    expect(journey.proven).toEqual([]);
    expect(pushMessages.closed).toEqual([[AUTHENTICATE_ID, 'expired']]);
    expect(state).toEqual(left);
  });

  test('that is not there yet is Waiting, and changes nothing', async () => {
    const { given, pushMessages } = setUp({ status: 'pending' });
    const { action, state } = await runNode(pushResultVerifier, given);
    expect(action).toMatchObject({ kind: 'goTo', outcome: 'WAITING' });
    expect(state).toEqual(sent);
    expect([...pushMessages.consumed, ...pushMessages.closed]).toEqual([]);
  });

  test('that approves is Success: a factor, an access of the phone, and a message used up', async () => {
    const { given, pushMessages, pushDevices, log } = setUp({ status: 'approved' });
    const { action, journey, shared } = await runNode(pushResultVerifier, { ...given, nodeTypes: ['Earlier'] });
    expect(action).toMatchObject({ kind: 'goTo', outcome: 'TRUE' });
    expect(pushMessages.consumed).toEqual([[AUTHENTICATE_ID, 'approved']]);
    expect(pushDevices.accesses).toEqual(['device-1']);
    expect(journey.nodeTypes).toEqual(['Earlier', 'AuthenticatorPush']);
    expect(journey.proven).toEqual([{ user: testUserId('demo'), method: 'push', device: DEVICE }]);
    expect(shared).toEqual(left);
    expect(log.lines).toEqual([]);
  });

  test('of a user whom the journey does not name any more proves nothing (A6, SEC-72)', async () => {
    const { given, pushMessages, log } = setUp({ status: 'approved' });
    const state = { ...sent, username: 'other' };
    const { action, journey, state: after } = await runNode(pushResultVerifier, { ...given, state });
    expect(action).toMatchObject({ outcome: 'FALSE' });
    expect(journey).toMatchObject({ nodeTypes: [], proven: [] });
    expect(pushMessages.consumed).toEqual([]);
    expect(after).not.toHaveProperty('pushMessageId');
    expect(log.lines.map(({ msg }) => msg)).toEqual([
      'The push message was answered by another user than the one whom the journey names',
    ]);
  });

  test('counts for the user whose phone it was where the journey names nobody', async () => {
    const { given } = setUp({ status: 'approved' });
    const { action, journey } = await runNode(pushResultVerifier, {
      ...given,
      state: { ...sent, username: undefined },
    });
    expect(action).toMatchObject({ outcome: 'TRUE' });
    expect(journey.proven).toEqual([{ user: testUserId('demo'), method: 'push', device: DEVICE }]);
  });

  test('with a number proves more, and leaves it to scripts', async () => {
    const { given } = setUp({ status: 'approved', number: 42 });
    const { shared, journey } = await runNode(pushResultVerifier, given);
    expect(shared.pushContent).toEqual({ challengeResponse: 42 });
    expect(journey.proven).toEqual([{ user: testUserId('demo'), method: 'pushNumber', device: DEVICE }]);
  });

  test('of a phone that is gone is Success all the same, with the documented warning, and proves nothing', async () => {
    const { given, pushDevices, log } = setUp({ status: 'approved' });
    pushDevices.answering = undefined;
    const { action, journey } = await runNode(pushResultVerifier, given);
    expect(action).toMatchObject({ outcome: 'TRUE' });
    // Nobody can say any more whose it was.
    expect(journey).toMatchObject({ nodeTypes: [], proven: [] });
    expect(log.lines).toMatchObject([{ msg: 'Unable to set last access date. Device was not found.' }]);
  });

  test('without a mechanism in state is Success, with the documented warning', async () => {
    const { given, log } = setUp({ status: 'approved' });
    const state = { username: 'demo', pushMessageId: AUTHENTICATE_ID };
    expect((await runNode(pushResultVerifier, { ...given, state })).action).toMatchObject({ outcome: 'TRUE' });
    expect(log.lines).toMatchObject([{ msg: 'Unable to find push mechanismUid in sharedState' }]);
  });
});
