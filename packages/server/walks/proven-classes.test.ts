import { configuring } from '@assent/store/testing';
import type { JsonObject } from '@assent/wire';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { CALLBACK, claimsOf, oauthApplication, putClient } from '../src/testing/oauth-application.ts';
import { type RestAnswer, type RestClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

// A class of sign-in is met by factors of the session, and a mapping to a journey changes nothing about it (SEC-85).

const REALM = '/alpha';
const PASSWORD = 'correct horse 7';
const PROVIDER = `${REALM}/realm-config/services/oauth-oidc`;
const TREES = `${REALM}/realm-config/authentication/authenticationtrees/trees`;

interface Callback {
  readonly type: string;
  readonly input?: readonly JsonObject[];
}

let server: SteeredServer;
let rest: RestClient;
let admin: string | undefined;

beforeAll(async () => {
  server = await steeredServer({ port: 18_494 });
  await server.createRealm(REALM);
  await server.createUser(REALM, 'ada', PASSWORD);
  rest = oauthApplication(server).rest;
  admin = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  await putClient(rest, admin, 'app', { clientType: 'Public', redirectionUris: [CALLBACK] });
});
afterAll(() => server?.assent.stop());
beforeEach(() => mapped({}));

/** A mapping that is stored already, as an older version or an import has left it. */
const mapped = async (loaMapping: Readonly<Record<string, string>>): Promise<void> => {
  const config = { advancedOIDCConfig: { loaMapping } };
  await configuring(server.assent.store).saveService({ realm: REALM, type: 'oauth-oidc', config });
  await server.assent.configuration.refresh();
};
const save = (loaMapping: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}) =>
  rest('PUT', PROVIDER, { token: admin, body: { advancedOIDCConfig: { loaMapping } }, headers });
const mappingNow = async () =>
  (await rest('GET', PROVIDER, { token: admin })).body.advancedOIDCConfig as Readonly<Record<string, unknown>>;
const told = async (session: string | undefined, acr: string) =>
  claimsOf((await oauthApplication(server).tokens(session ?? '', { acr_values: acr, prompt: 'none' })).id);

/** Walks `PushLogin` with the password alone: the user has no factor, and leaves the choice to connect a phone by Skip. */
const skipped = async (): Promise<string | undefined> => {
  const path = `${REALM}/authenticate?authIndexType=service&authIndexValue=PushLogin`;
  const headers = { 'accept-api-version': 'resource=2.1, protocol=1.0' };
  let { body }: Pick<RestAnswer, 'body'> = await rest('POST', path, { body: {}, headers });
  const given: Readonly<Record<string, unknown>> = {
    NameCallback: 'ada',
    PasswordCallback: PASSWORD,
    DeviceProfileCallback: '{"identifier":"desk"}',
    // Register, get the app, skip, opt out.
    ConfirmationCallback: 2,
  };
  for (let step = 0; step < 3 && body.tokenId === undefined; step += 1) {
    const callbacks = (body.callbacks as readonly Callback[]).map(({ input, ...callback }) => ({
      ...callback,
      input: input?.map((it) => ({ ...it, value: given[callback.type] ?? it.value })),
    }));
    ({ body } = await rest('POST', path, { body: { authId: body.authId, callbacks }, headers }));
  }
  return body.tokenId as string | undefined;
};

test('a user who leaves out the phone in PushLogin has not signed in by push, though push is mapped to PushLogin', async () => {
  await mapped({ push: 'PushLogin', gold: 'PushLogin' });
  const session = await skipped();
  expect(session).toBeDefined();
  expect(await told(session, 'push')).toMatchObject({ acr: '0', amr: ['pwd'] });
  expect(await told(session, 'gold')).toMatchObject({ acr: '0', amr: ['pwd'] });
  expect(await told(session, 'password')).toMatchObject({ acr: 'password' });
});

test('a class that a realm has named itself is met by what its journey proves on every path', async () => {
  await mapped({ silver: 'Login', gold: 'PushStepUp' });
  const session = await signIn(rest, REALM, 'ada', PASSWORD);
  expect(await told(session, 'silver')).toMatchObject({ acr: 'silver' });
  expect(await told(session, 'gold')).toMatchObject({ acr: '0' });
});

test.each([
  ['push', 'PushLogin'],
  ['push', 'Login'],
  ['phr', 'PasskeyLogin'],
  ['gold', 'PushLogin'],
])('refuses to map %s to %s, and names class, journey, path and what to do', async (acr, tree) => {
  const { status, body } = await save({ password: 'Login', [acr]: tree });
  expect(status).toBe(400);
  expect(body).toMatchObject({ detail: { attribute: 'advancedOIDCConfig.loaMapping', acr, tree } });
  expect(body.message).toMatch(new RegExp(`^The class "${acr}" \\(loaMapping\\) names the journey ${tree}, .*Success`));
  expect(body.message).toMatch(new RegExp(`map "${acr}" to another journey\\.$`));
  expect((await mappingNow()).loaMapping).toEqual({});
});

test('accepts mappings whose journeys prove the class, and one to a journey that is to come', async () => {
  const loaMapping = { push: 'PushStepUp', password: 'Login', phr: 'PasskeyStepUp', silver: 'Login', late: 'Coming' };
  expect((await save(loaMapping)).status).toBe(200);
  expect((await mappingNow()).loaMapping).toEqual(loaMapping);
});

test('other settings can be saved beside a mapping from before that proves nothing', async () => {
  await mapped({ push: 'PushLogin' });
  expect((await save({ push: 'PushLogin', password: 'Login' })).status).toBe(200);
  expect((await save({ push: 'PushLogin', gold: 'PushLogin' })).status).toBe(400);
});

test('what frodo imports is kept and told in the log, and meets no class (ADR 40)', async () => {
  const loaMapping = { gold: 'PushLogin' };
  server.takeLogged();
  expect((await save(loaMapping, { 'user-agent': '@rockcarver/frodo-lib/4.0.0' })).status).toBe(200);
  expect((await mappingNow()).loaMapping).toEqual(loaMapping);
  expect(JSON.stringify(server.takeLogged())).toContain(
    'The class \\"gold\\" (loaMapping) names the journey PushLogin',
  );
  expect(await told(await skipped(), 'gold')).toMatchObject({ acr: '0' });
});

test('a change of a journey that opens a path past its class is found when it is saved, and takes the class away', async () => {
  await mapped({ silver: 'Login' });
  const session = await signIn(rest, REALM, 'ada', PASSWORD);
  expect(await told(session, 'silver')).toMatchObject({ acr: 'silver' });
  const { _id, _rev, ...tree } = (await rest('GET', `${TREES}/Login`, { token: admin })).body as JsonObject & {
    readonly nodes: Readonly<Record<string, { readonly connections: Readonly<Record<string, string>> }>>;
    readonly entryNodeId: string;
  };
  const nodes = Object.fromEntries(
    Object.entries(tree.nodes).map(([id, node]) => [
      id,
      id === tree.entryNodeId ? { ...node, connections: { outcome: '70e691a5-1e33-4ac3-a356-e7b6d60d92e0' } } : node,
    ]),
  );
  server.takeLogged();
  expect((await rest('PUT', `${TREES}/Login`, { token: admin, body: { ...tree, nodes } })).status).toBe(200);
  expect(server.takeLogged()).toContainEqual(expect.objectContaining({ code: 'J22', journey: 'Login' }));
  expect(await told(session, 'silver')).toMatchObject({ acr: '0' });
  expect((await rest('PUT', `${TREES}/Login`, { token: admin, body: tree })).status).toBe(200);
  expect(await told(session, 'silver')).toMatchObject({ acr: 'silver' });
});
