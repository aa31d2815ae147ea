import * as server from '@assent/server';
import { openMemoryStore } from '@assent/store';
import { configuring } from '@assent/store/testing';
import { expect, test } from 'vitest';
import { checkServiceSecrets, withServicesInForce } from './services-in-force.ts';

const storeWith = async (password: string) => {
  const store = openMemoryStore();
  await configuring(store).saveService({ realm: '/', type: 'email', config: { hostname: 'mail', password } });
  return store;
};

test('OPS-59: a secret of a service without a value is a problem, by its name and what to set', async () => {
  const store = await storeWith('&{esv.smtp.password}');
  expect(await checkServiceSecrets(server, { env: {} }, store)).toEqual([
    expect.objectContaining({
      name: 'realm /',
      status: 'problem',
      message: 'The service email names &{esv.smtp.password}, which has no value here.',
      hint: expect.stringContaining('ESV_SMTP_PASSWORD_FILE'),
    }),
  ]);
  const gone = { env: { ESV_SMTP_PASSWORD_FILE: '/nowhere' } };
  expect(await checkServiceSecrets(server, gone, store)).toHaveLength(1);
  expect(await checkServiceSecrets(server, { env: { ESV_SMTP_PASSWORD: 'x' } }, store)).toEqual([]);
  expect(await checkServiceSecrets(server, { env: {} }, await storeWith('plain'))).toEqual([]);
});

test('OPS-59: the other checks see the value', async () => {
  const store = withServicesInForce(
    server,
    { env: { ESV_SMTP_PASSWORD: 'x' } },
    await storeWith('&{esv.smtp.password}'),
  );
  expect((await store.configuration.load()).services[0]?.config.password).toBe('x');
});
