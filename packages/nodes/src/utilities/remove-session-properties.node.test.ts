import type { Session } from '@assent/engine';
import { SUCCESS } from '@assent/engine/host';
import { fakeRequest, journeyHarness, runNode, submitted, testUserId } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { usernameCollector } from '../basic/username-collector.node.ts';
import { removeSessionProperties } from './remove-session-properties.node.ts';
import { setSessionProperties } from './set-session-properties.node.ts';

test.each([[['AuthLevel']], [['AuthFactors']], [['Journeys']], [['']]])('settings refuse %j', async (propertyNames) => {
  await expect(runNode(removeSessionProperties, { config: { propertyNames } })).rejects.toThrow('propertyNames');
});

test.each([
  [[], {}],
  [['a', 'b'], { a: null, b: null }],
])('with the names %j it takes %j from the session', async (propertyNames, sessionProperties) => {
  const { action, journey } = await runNode(removeSessionProperties, { config: { propertyNames } });
  expect(action).toEqual({ kind: 'goTo', outcome: 'outcome' });
  expect(journey.sessionProperties).toEqual(sessionProperties);
});

test('the session has neither what nodes before wanted nor what the session before had', async () => {
  const it = journeyHarness({
    nodes: [usernameCollector, setSessionProperties, removeSessionProperties],
    trees: {
      Login: {
        entry: 'name',
        settings: { mustRun: true },
        nodes: {
          name: { type: 'UsernameCollectorNode', to: { outcome: 'set' } },
          set: {
            type: 'SetSessionPropertiesNode',
            config: { properties: { a: '1', b: '2' } },
            to: { outcome: 'remove' },
          },
          remove: {
            type: 'RemoveSessionPropertiesNode',
            config: { propertyNames: ['a', 'old'] },
            to: { outcome: SUCCESS },
          },
        },
      },
    },
    users: { demo: {} },
  });
  const session: Session = {
    tokenHash: 'old-hash',
    sid: 'sid',
    handle: 'handle',
    realm: '/',
    userId: testUserId('demo'),
    username: 'demo',
    properties: { old: 'x', kept: 'y', Service: 'Other' },
    createdAt: 0,
    lastUsedAt: 0,
    maxExpiresAt: Number.MAX_SAFE_INTEGER,
    maxIdleMillis: Number.MAX_SAFE_INTEGER,
  };
  it.store.sessions.set(session.tokenHash, session);
  const request = fakeRequest({ session });
  const step = await it.start('Login', {}, request);
  if (step.kind !== 'step') throw new TypeError('no step');
  const end = await it.post(step.reference, submitted(step, ['demo']), { request });
  if (end.kind !== 'success' || end.created === undefined) throw new TypeError('no session');
  const { properties } = end.created.session;
  expect(properties).toMatchObject({ b: '2', kept: 'y' });
  expect(Object.keys(properties)).not.toContain('a');
  expect(Object.keys(properties)).not.toContain('old');
});
