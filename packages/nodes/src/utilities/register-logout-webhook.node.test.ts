import { SUCCESS } from '@assent/engine/host';
import { journeyHarness, runNode, submitted } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { usernameCollector } from '../basic/username-collector.node.ts';
import { registerLogoutWebhook } from './register-logout-webhook.node.ts';
import { setSessionProperties } from './set-session-properties.node.ts';

test.each([[{}], [{ webhookName: '' }], [{ webhookName: 'a|b' }]])('settings refuse %j', async (config) => {
  await expect(runNode(registerLogoutWebhook, { config: config as never })).rejects.toThrow('webhookName');
});

test('no other node may name webhooks of a session', async () => {
  const config = { properties: { LogoutWebhooks: 'app' } };
  await expect(runNode(setSessionProperties, { config })).rejects.toThrow('properties');
});

test('it names its webhook for the session, and goes on', async () => {
  const { action, journey } = await runNode(registerLogoutWebhook, { config: { webhookName: 'app' } });
  expect(action).toEqual({ kind: 'goTo', outcome: 'outcome' });
  expect(journey.sessionOptions).toMatchObject({ logoutWebhooks: ['app'] });
});

test('the session has each webhook once that the journey came by', async () => {
  const it = journeyHarness({
    nodes: [usernameCollector, registerLogoutWebhook],
    trees: {
      Login: {
        entry: 'name',
        nodes: {
          name: { type: 'UsernameCollectorNode', to: { outcome: 'a' } },
          a: { type: 'RegisterLogoutWebhookNode', config: { webhookName: 'a' }, to: { outcome: 'b' } },
          b: { type: 'RegisterLogoutWebhookNode', config: { webhookName: 'b' }, to: { outcome: 'again' } },
          again: { type: 'RegisterLogoutWebhookNode', config: { webhookName: 'a' }, to: { outcome: SUCCESS } },
        },
      },
    },
    users: { demo: {} },
  });
  const step = await it.start('Login');
  if (step.kind !== 'step') throw new TypeError('no step');
  const end = await it.post(step.reference, submitted(step, ['demo']));
  if (end.kind !== 'success' || end.created === undefined) throw new TypeError('no session');
  expect(end.created.session.properties.LogoutWebhooks?.split('|').sort()).toEqual(['a', 'b']);
});
