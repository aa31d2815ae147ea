import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secretPlaces, secretSettings } from '@assent/engine/host';
import { newServiceAccount } from '@assent/push/testing';
import { configuring } from '@assent/store/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { catalogueWith } from '../../journeys/custom-nodes.ts';
import { SettingsRefused } from '../../settings/load-settings.ts';
import { type RestClient, restClient, signIn } from '../../testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../../testing/steered-server.ts';
import { SERVICE_TYPES } from './service-types.ts';

const directory = mkdtempSync(join(tmpdir(), 'assent-services-'));
const file = join(directory, 'secret');
const SERVICES = '/realms/root/realm-config/services';
const MAIL = { hostname: 'mail.example.com', from: 'a@example.com', password: '&{esv.smtp.password}' };

let server: SteeredServer;
let rest: RestClient;
let token: string | undefined;
const put = (path: string, body: unknown) => rest('PUT', `${SERVICES}/${path}`, { token, body });
const passwordInForce = () => server.assent.configuration.service('/', 'email')?.config.password;

beforeAll(async () => {
  writeFileSync(file, 'first-secret\n', { mode: 0o600 });
  server = await steeredServer({
    port: 18_499,
    environment: {
      ESV_SMTP_PASSWORD_FILE: file,
      ESV_ACCOUNT_FILE: file,
      ESV_OTHER: 'withheld-secret',
      ESV_BOUND: 'bound-secret',
    },
    realmSecrets: [
      '/=esv.smtp.password',
      '/=esv.account',
      '/=esv.bound@mail.example.com',
      '/=esv.bound@fcm.googleapis.com',
    ],
  });
  rest = restClient(server);
  token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
});
afterAll(async () => {
  await server.assent.stop();
  rmSync(directory, { recursive: true, force: true });
});

test('OPS-59: a secret of a service comes from a file, and neither it nor its name is read back (SEC-72)', async () => {
  const saved = await put('email', MAIL);
  expect(saved.status).toBe(201);
  expect(passwordInForce()).toBe('first-secret');
  expect(server.assent.configuration.storedService('/', 'email')?.config.password).toBe('&{esv.smtp.password}');
  const read = await rest('GET', `${SERVICES}/email`, { token });
  expect(JSON.stringify([saved.body, read.body, server.logged()])).not.toMatch(/first-secret|esv\.smtp/);
});

test('OPS-59: another secret in the file does not count by itself, nor by a reload that was refused', async () => {
  writeFileSync(file, 'second-secret');
  expect(passwordInForce()).toBe('first-secret');
  await server.assent.reload(() => Promise.reject(new SettingsRefused(['It is wrong.'])));
  expect(server.logged().at(-1)).toMatchObject({ level: 'error', problems: ['It is wrong.'] });
  expect(passwordInForce()).toBe('first-secret');
});

test.each([
  ['a setting that is shown', { from: '&{esv.smtp.password}' }, 'from', 'is a secret'],
  ['a setting that is shown, in part', { from: 'x&{esv.other}' }, 'from', 'is a secret'],
  ['a secret of the operator', { password: '&{esv.other}' }, 'password', 'ASSENT_REALM_SECRETS'],
])(
  '%s takes no secret that the realm may not use there, and says what to do (SEC-92)',
  async (_, given, setting, fix) => {
    const { status, body } = await put('email', { ...MAIL, ...given });
    expect([status, body.detail]).toEqual([400, { attribute: setting }]);
    expect(body.message).toContain(fix);
    expect(JSON.stringify(body)).not.toContain('withheld-secret');
  },
);

test('a secret that is bound to a host goes to that host alone (SEC-92)', async () => {
  const bound = { ...MAIL, password: '&{esv.bound}' };
  expect((await put('email', bound)).status).toBeLessThan(300);
  expect(passwordInForce()).toBe('bound-secret');
  const elsewhere = await put('email', { ...bound, hostname: 'collector.example' });
  expect(elsewhere).toMatchObject({ status: 400, body: { detail: { attribute: 'password' } } });
  expect(elsewhere.body.message).toContain('mail.example.com');
  // An import, or an older configuration, is kept whole; the secret is not put there.
  const config = { ...bound, hostname: 'collector.example' };
  await configuring(server.assent.store).saveService({ realm: '/', type: 'email', config });
  await server.assent.configuration.refresh();
  expect(passwordInForce()).toBe('&{esv.bound}');
  expect(JSON.stringify([server.logged(), elsewhere])).not.toContain('bound-secret');
});

/** Secrets that are used here and sent to no host. */
const SENT_NOWHERE = /Keystore|PrivateKeyPassword|^hmacSigningKey$|^signingKey$/;

test('every secret of a service or node says where it is sent, or is known to stay here (SEC-92)', () => {
  const definitions = [
    ...SERVICE_TYPES.map(({ id, schema }) => [id, { config: schema }] as const),
    ...[...catalogueWith([]).values()].map((node) => [node.type, node] as const),
  ];
  const silent = definitions.flatMap(([id, definition]) =>
    [...secretSettings(definition)]
      .filter((setting) => secretPlaces(definition).addressesOf?.(setting, {}) === undefined)
      .flatMap((setting) => (SENT_NOWHERE.test(setting) ? [] : [`${id}.${setting}`])),
  );
  expect(silent).toEqual([]);
});

test('a service with a secret that the realm may not use works without it, and the log says so (SEC-92)', async () => {
  await configuring(server.assent.store).saveService({
    realm: '/',
    type: 'email',
    config: { ...MAIL, password: '&{esv.other}' },
  });
  await server.assent.configuration.refresh();
  expect(passwordInForce()).toBe('&{esv.other}');
  expect(server.logged()).toContainEqual(
    expect.objectContaining({
      level: 'error',
      service: 'email',
      setting: 'password',
      reason: expect.stringContaining('ASSENT_REALM_SECRETS'),
    }),
  );
  expect(JSON.stringify(server.logged())).not.toContain('withheld-secret');
});

test('OPS-59: a value is judged as if it stood there, and stored by its name', async () => {
  const fcm = { projectId: 'demo-project', serviceAccount: '&{esv.account}' };
  writeFileSync(file, 'no account at all');
  expect((await put('pushFcm', fcm)).status).toBe(400);
  writeFileSync(file, newServiceAccount().file);
  expect((await put('pushFcm', fcm)).status).toBe(201);
  expect(server.assent.configuration.storedService('/', 'pushFcm')?.config.serviceAccount).toBe('&{esv.account}');
});

test('OPS-59: a name without a value is told when it is saved, and when it is needed', async () => {
  await put('email', { ...MAIL, password: '&{esv.gone}' });
  const told = { realm: '/', service: 'email', missing: ['esv.gone'] };
  expect(server.logged()).toContainEqual(expect.objectContaining({ ...told, level: 'warn' }));
  expect(passwordInForce()).toBe('&{esv.gone}');
  expect(server.logged()).toContainEqual(expect.objectContaining({ ...told, level: 'error' }));
});
