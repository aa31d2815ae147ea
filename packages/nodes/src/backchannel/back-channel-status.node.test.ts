import type { BackChannelProgress } from '@assent/engine';
import { runNode } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { backChannelsDouble } from '../testing/back-channels-double.ts';
import { backChannelStatus } from './back-channel-status.node.ts';

const properties = { AuthLevel: '5' };
const run = (progress: BackChannelProgress, config = {}, state = {}) =>
  runNode(backChannelStatus, {
    config,
    state: { 'backchannel-transaction': 'id-1', ...state },
    ports: { backChannels: backChannelsDouble({ progress: { 'id-1': progress } }) },
  });

test.each([
  ['nothing', {}],
  ['an empty text', { 'backchannel-transaction': '' }],
  ['no text', { 'backchannel-transaction': 7 }],
])('%s in state leads to Error', async (_what, state) => {
  const { action, log } = await runNode(backChannelStatus, { state, ports: { backChannels: backChannelsDouble() } });
  expect(action).toMatchObject({ outcome: 'error' });
  expect(log.map(({ msg }) => msg)).toEqual(['Error checking back channel transaction status.']);
});

test.each([
  ['created', 'pending'],
  ['started', 'inprogress'],
  ['approved', 'success'],
  ['denied', 'failure'],
  ['unknown', 'unknown'],
] as const)('one that is %s leads to %s, and nothing is put into state unasked', async (status, outcome) => {
  const { action, state } = await run({ status, notice: { at: 1 }, properties });
  expect(action).toMatchObject({ outcome });
  expect(state).toEqual({ 'backchannel-transaction': 'id-1' });
});

describe('what is recorded', () => {
  test('of the session, on Success alone, in transient state', async () => {
    const config = { recordData: true };
    expect((await run({ status: 'approved', properties }, config)).transient).toEqual({
      'backchannel-sessionProperties': properties,
    });
    expect((await run({ status: 'approved' }, config)).transient).toEqual({});
    expect((await run({ status: 'denied', properties }, config)).transient).toEqual({});
  });

  test.each([
    [null, 'backchannel-transactionData'],
    ['transaction:data', 'transaction:data'],
  ])('of what was told, by the key %s under %s', async (transactionDataKey, name) => {
    const config = { recordTransactionData: true, transactionDataKey };
    const { shared } = await run({ status: 'started', notice: { journeyStatus: 'half way' } }, config);
    expect(shared[name]).toEqual({ journeyStatus: 'half way' });
  });

  test('of one that nothing can be said about, nothing', async () => {
    const config = { recordTransactionData: true, recordData: true };
    const { state } = await run({ status: 'unknown', notice: { at: 1 }, properties }, config);
    expect(state).toEqual({ 'backchannel-transaction': 'id-1' });
  });
});
