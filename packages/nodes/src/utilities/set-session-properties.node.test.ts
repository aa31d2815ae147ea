import { SUCCESS } from '@assent/engine/host';
import { journeyHarness, runNode } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { usernameCollector } from '../basic/username-collector.node.ts';
import { setSessionProperties } from './set-session-properties.node.ts';

test.each([
  ['properties', { AuthLevel: '9' }, 'Provided properties cannot include system session properties: AuthLevel'],
  ['properties', { userid: 'amadmin' }, 'system session properties'],
  ['properties', { AuthFactors: 'push@9999999999999' }, 'system session properties: AuthFactors'],
  ['properties', { journeys: 'PushLogin@9999999999999' }, 'system session properties: journeys'],
  ['properties', { colour: '' }, 'Session property values cannot be empty'],
  ['maxSessionTime', 0, 'maxSessionTime'],
  ['maxIdleTime', -1, 'maxIdleTime'],
])('settings refuse %s %j', async (name, value, text) => {
  await expect(runNode(setSessionProperties, { config: { [name]: value } })).rejects.toThrow(text);
});

test.each([
  [{}, { properties: {} }],
  [{ properties: { colour: 'green', size: 'L' } }, { properties: { colour: 'green', size: 'L' } }],
  [{ maxSessionTime: 5 }, { properties: {}, maxSessionMinutes: 5 }],
  [{ maxIdleTime: 2 }, { properties: {}, maxIdleMinutes: 2 }],
])('with settings %j it asks for %j', async (config, options) => {
  const { action, journey } = await runNode(setSessionProperties, { config });
  expect(action).toEqual({ kind: 'goTo', outcome: 'outcome' });
  expect(journey.sessionOptions).toEqual(options);
});

const sessionWith = async (
  config: Record<string, unknown>,
  attributes: Record<string, string[]> = {},
  settings = {},
) => {
  const it = journeyHarness({
    nodes: [usernameCollector, setSessionProperties],
    trees: {
      Login: {
        entry: 'name',
        settings,
        nodes: {
          name: { type: 'UsernameCollectorNode', to: { outcome: 'set' } },
          set: { type: 'SetSessionPropertiesNode', config, to: { outcome: SUCCESS } },
        },
      },
    },
    users: { demo: attributes },
  });
  const end = await it.answer(await it.begin(), 'demo');
  if (end.kind !== 'success' || end.created === undefined) throw new TypeError('no session');
  const { session } = end.created;
  return {
    ...session,
    max: (session.maxExpiresAt - session.createdAt) / 60_000,
    idle: session.maxIdleMillis / 60_000,
  };
};

test('the session has the properties', async () => {
  const { properties } = await sessionWith({ properties: { colour: 'green' } });
  expect(properties).toMatchObject({ colour: 'green', Service: 'Login' });
});

test.each([
  ['realm', {}, {}, {}, [120, 30]],
  ['tree', {}, {}, { maximumSessionTime: 60, maximumIdleTime: 10 }, [60, 10]],
  ['node', { maxSessionTime: 5, maxIdleTime: 2 }, {}, { maximumSessionTime: 60, maximumIdleTime: 10 }, [5, 2]],
  [
    'user',
    { maxSessionTime: 5, maxIdleTime: 2 },
    { 'iplanet-am-session-max-session-time': ['3'], 'iplanet-am-session-max-idle-time': ['1'] },
    {},
    [3, 1],
  ],
  [
    'node, past nonsense at the user',
    { maxSessionTime: 5 },
    { 'iplanet-am-session-max-session-time': ['soon'] },
    {},
    [5, 30],
  ],
])('the limits are those of the %s', async (_who, config, attributes, settings, limits) => {
  const { max, idle } = await sessionWith(config, attributes, settings);
  expect([max, idle]).toEqual(limits);
});
