import { runNode } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { backChannelsDouble } from '../testing/back-channels-double.ts';
import { backchannelNotification } from './backchannel-notification.node.ts';

const backChannel = { idHash: 'hash-1', allowRetry: true };
const notice = { journeyStatus: 'half way' };
const config = { dataKey: 'transaction:notify' };

test('a journey that nobody asked for has nobody to tell', async () => {
  const backChannels = backChannelsDouble();
  const state = { 'transaction:notify': notice };
  const { action, log } = await runNode(backchannelNotification, { config, state, ports: { backChannels } });
  expect(action).toMatchObject({ outcome: 'error' });
  expect(log.map(({ msg }) => msg)).toEqual(['Transaction ID not found in context']);
  expect(backChannels.told).toEqual([]);
});

test.each([
  ['nothing', {}],
  ['a text', { 'transaction:notify': 'half way' }],
  ['a list', { 'transaction:notify': [notice] }],
])('%s cannot be told', async (_what, state) => {
  const ports = { backChannels: backChannelsDouble() };
  const { action, log } = await runNode(backchannelNotification, { config, state, backChannel, ports });
  expect(action).toMatchObject({ outcome: 'error' });
  expect(log.map(({ msg }) => msg)).toEqual([
    'Data in state at transaction:notify data key was not found or incorrect type, not updating transaction.',
  ]);
});

test('one that is over by now gets nothing', async () => {
  const given = { config, state: { 'transaction:notify': notice }, backChannel };
  const ports = { backChannels: backChannelsDouble({ isOpen: false }) };
  const { action, log } = await runNode(backchannelNotification, { ...given, ports });
  expect(action).toMatchObject({ outcome: 'error' });
  expect(log.map(({ msg }) => msg)).toEqual(['Failed to update backchannel transaction']);
});

test('the journey that asked gets the object, and state stays as it is', async () => {
  const backChannels = backChannelsDouble();
  const state = { 'transaction:notify': notice };
  const told = await runNode(backchannelNotification, { config, state, backChannel, ports: { backChannels } });
  expect(told.action).toMatchObject({ outcome: 'success' });
  expect(told.state).toEqual(state);
  expect(backChannels.told).toEqual([{ answered: backChannel, notice }]);
});
