import * as server from '@assent/server';
import { openMemoryStore } from '@assent/store';
import { configuring } from '@assent/store/testing';
import { expect, test } from 'vitest';
import { checkNodeSecrets, checkServiceSecrets, withServicesInForce } from './services-in-force.ts';

const storeWith = async (password: string) => {
  const store = await openMemoryStore();
  await configuring(store).saveService({ realm: '/', type: 'email', config: { hostname: 'mail', password } });
  return store;
};

const LISTED = ['/=esv.smtp.password'];
const examined = (env: Readonly<Record<string, string>>, realmSecrets: readonly string[] = LISTED) => ({
  server,
  io: { env, cwd: '/' },
  settings: { realmSecrets: [...realmSecrets], nodes: [] } as never,
});

test('OPS-59: a secret of a service without a value is a problem, by its name and what to set', async () => {
  const store = await storeWith('&{esv.smtp.password}');
  expect(await checkServiceSecrets(examined({}), store)).toEqual([
    expect.objectContaining({
      name: 'realm /',
      status: 'problem',
      message: 'The service email names &{esv.smtp.password}, which has no value here.',
      hint: expect.stringContaining('ESV_SMTP_PASSWORD_FILE'),
    }),
  ]);
  expect(await checkServiceSecrets(examined({ ESV_SMTP_PASSWORD_FILE: '/nowhere' }), store)).toHaveLength(1);
  expect(await checkServiceSecrets(examined({ ESV_SMTP_PASSWORD: 'x' }), store)).toEqual([]);
  expect(await checkServiceSecrets(examined({}), await storeWith('plain'))).toEqual([]);
});

test('SEC-92: a secret that the realm may not use is a problem, by the setting that allows it', async () => {
  const store = await storeWith('&{esv.smtp.password}');
  expect(
    await checkServiceSecrets(examined({ ESV_SMTP_PASSWORD: 'canary' }, ['/alpha=esv.smtp.password']), store),
  ).toEqual([
    {
      name: 'realm /',
      status: 'problem',
      message:
        'The service email cannot use its secret password. This realm may not use the secret &{esv.smtp.password}. The operator allows it by ASSENT_REALM_SECRETS.',
      hint: expect.stringContaining('--realm-secrets (ASSENT_REALM_SECRETS)'),
    },
  ]);
});

test('SEC-92: a node with a secret in a setting that is shown is a problem, by tree, node and setting', async () => {
  const store = await openMemoryStore();
  const node = { type: 'MessageNode', config: { message: { en: '&{esv.smtp.password}' } } };
  await configuring(store).change({
    publishTrees: [
      { realm: '/', name: 'Shown', tree: { entryNodeId: 'n', nodes: {} } as never, nodes: { n: { id: 'n', ...node } } },
    ],
  });
  const [finding, ...more] = await checkNodeSecrets(examined({ ESV_SMTP_PASSWORD: 'canary' }), store);
  expect(more).toEqual([]);
  expect(finding).toMatchObject({ name: 'realm /', status: 'problem' });
  expect(finding?.message).toMatch(/^The node MessageNode n of Shown cannot use its setting message\. .*is a secret/);
  expect(await checkNodeSecrets(examined({ ESV_PLAIN_SMTP_PASSWORD: 'shown' }), store)).toEqual([]);
});

test('OPS-59: the other checks see the value', async () => {
  const store = withServicesInForce(examined({ ESV_SMTP_PASSWORD: 'x' }), await storeWith('&{esv.smtp.password}'));
  expect((await store.configuration.load()).services[0]?.config.password).toBe('x');
});
