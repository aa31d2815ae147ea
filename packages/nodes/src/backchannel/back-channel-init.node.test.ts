import { memoryIdentities, runNode, testUserId } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { backChannelsDouble } from '../testing/back-channels-double.ts';
import { backChannelInit } from './back-channel-init.node.ts';

const users = () => ({ demo: {}, robot: { AgentType: ['WebAgent'] } });
type Config = Parameters<typeof runNode<typeof backChannelInit>>[1]['config'];

const run = (config: Partial<Config>, state: Record<string, unknown> = {}, backChannels = backChannelsDouble()) =>
  runNode(backChannelInit, {
    config: { tree: 'Approve', ...config },
    state,
    ports: { backChannels, identities: memoryIdentities(users()) },
  });
const outcomeOf = async (...given: Parameters<typeof run>) => (await run(...given)).action;

describe('who the journey is for', () => {
  test.each([
    ['nothing', {}],
    ['no text', { username: { name: 'demo' } }],
    ['an empty text', { username: '' }],
  ])('%s in state leads to Error, and nothing is opened', async (_what, state) => {
    const backChannels = backChannelsDouble();
    const { action, log } = await run({}, state, backChannels);
    expect(action).toMatchObject({ outcome: 'error' });
    expect(log.map(({ msg }) => msg)).toEqual(['Error retrieving subject from node state.']);
    expect(backChannels.opened).toEqual([]);
  });

  test.each([
    ['nobody', 'USER', 'nobody'],
    ['an agent, where a user is asked for', 'USER', 'robot'],
    ['a user, where an agent is asked for', 'AGENT', 'demo'],
  ] as const)('%s is an unknown subject', async (_who, idType, who) => {
    const { action, state } = await run({ idType, usernameKey: 'who' }, { who });
    expect(action).toMatchObject({ outcome: 'unknown' });
    expect(state).not.toHaveProperty('backchannel-transaction');
  });

  test.each([
    ['a user by name', 'USER', 'demo', 'demo'],
    ['a user by id', 'USER', testUserId('demo'), 'demo'],
    ['an agent', 'AGENT', 'robot', 'robot'],
  ] as const)('%s is found', async (_who, idType, who, username) => {
    const backChannels = backChannelsDouble();
    expect(
      await outcomeOf({ idType, usernameKey: 'customer._id' }, { 'customer._id': who }, backChannels),
    ).toMatchObject({ outcome: 'created' });
    expect(backChannels.opened).toMatchObject([{ tree: 'Approve', subject: { username }, allowRetry: true }]);
  });

  test('an id goes before a name that looks like it', async () => {
    const backChannels = backChannelsDouble();
    const named = { demo: {}, [testUserId('demo')]: {} };
    await runNode(backChannelInit, {
      config: { tree: 'Approve' },
      state: { username: testUserId('demo') },
      ports: { backChannels, identities: memoryIdentities(named) },
    });
    expect(backChannels.opened).toMatchObject([{ subject: { username: 'demo' } }]);
  });

  test('anybody may be the one: then nobody is looked up, and there is no unknown subject', async () => {
    const backChannels = backChannelsDouble();
    expect(await outcomeOf({ idType: 'NONE' }, { username: 'nobody' }, backChannels)).toMatchObject({
      outcome: 'created',
    });
    expect(backChannels.opened[0]).not.toHaveProperty('subject');
    expect(backChannelInit.outcomesOf({ idType: 'NONE' }, [])).toEqual({ created: 'Created', error: 'Error' });
  });
});

describe('what it is given', () => {
  test('an object in state, which stays there by its name', async () => {
    const backChannels = backChannelsDouble();
    const about = { username: 'demo', objectAttributes: { mail: 'demo@example.org' } };
    const { state } = await run({ idType: 'NONE', dataKey: 'about' }, { about }, backChannels);
    expect(backChannels.opened).toMatchObject([{ data: about }]);
    expect(state['backchannel-data']).toEqual(about);
  });

  test.each([
    ['no key', { dataKey: null }],
    ['nothing under the key', { dataKey: 'about' }],
    ['a list under the key', { dataKey: 'list' }],
  ])('nothing for %s, and nothing of an earlier one stays', async (_what, config) => {
    const backChannels = backChannelsDouble();
    const before = { list: ['demo'], 'backchannel-data': { old: true } };
    const { state } = await run({ idType: 'NONE', ...config }, before, backChannels);
    expect(backChannels.opened).toMatchObject([{ data: {} }]);
    expect(state).not.toHaveProperty('backchannel-data');
  });

  test('time, by the node or else as much as a journey of the realm has, and one try or more', async () => {
    const backChannels = backChannelsDouble();
    const ports = { backChannels, identities: memoryIdentities() };
    const realm = { journeyMinutes: 7 };
    await runNode(backChannelInit, { config: { tree: 'A', idType: 'NONE' }, realm, ports });
    const own = { tree: 'A', idType: 'NONE', timeout: 600, allowRetry: false } as const;
    await runNode(backChannelInit, { config: own, realm, ports });
    expect(backChannels.opened).toMatchObject([
      { seconds: 420, allowRetry: true },
      { seconds: 600, allowRetry: false },
    ]);
  });
});

describe('the link', () => {
  test.each([
    ['GET', 'https://page.example'],
    ['POST', 'https://start.example'],
    ['CUSTOM', 'myapp://approve'],
    ['NONE', undefined],
  ] as const)('of the type %s is %s', async (redirectUrlType, link) => {
    const config = { idType: 'NONE', redirectUrlType, customRedirectUrl: 'myapp://approve' } as const;
    const { state, audit } = await run(config, { 'backchannel-redirectUri': 'https://old.example' });
    expect(state['backchannel-redirectUri']).toBe(link);
    expect(state['backchannel-transaction']).toBe('id-1');
    expect(audit).toEqual([{ event: 'BACK_CHANNEL_OPEN', detail: { backChannel: 'hash-1', tree: 'Approve' } }]);
  });

  test.each([
    ['that is to be your own and is not there', { redirectUrlType: 'CUSTOM' } as const, backChannelsDouble()],
    ['to a journey that cannot be started', {}, backChannelsDouble({ isStartable: false })],
  ])('%s leads to Error', async (_which, config, backChannels) => {
    const { action, log } = await run({ idType: 'NONE', ...config }, {}, backChannels);
    expect(action).toMatchObject({ outcome: 'error' });
    expect(log.map(({ msg }) => msg)).toEqual(['Error initializing back channel transaction.']);
    expect(backChannels.opened).toEqual([]);
  });

  test.each(['approve', 'javascript:alert(1)', 'data:text/html,x', '//example.org'])(
    'cannot be %s: the setting says so',
    (customRedirectUrl) => {
      const { error } = backChannelInit.config.safeParse({ tree: 'Approve', customRedirectUrl });
      expect(error?.issues).toMatchObject([
        { path: ['customRedirectUrl'], message: 'Expected an address such as https://example.com/approve' },
      ]);
    },
  );
});

test.each([
  { idType: 'NONE', dataKey: 'backchannel:data', redirectUrlType: 'GET', allowRetry: true, tree: 'A', timeout: 600 },
  { idType: 'USER', usernameKey: '_id', dataKey: 'backchannel:data', redirectUrlType: 'GET', tree: 'A', timeout: 3600 },
])('settings of published journeys are understood', (settings) => {
  expect(backChannelInit.config.parse(settings)).toMatchObject({ allowRetry: true, ...settings });
});
