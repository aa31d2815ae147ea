import { Unavailable } from '@assent/engine';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addPhone, openSession } from '../src/testing/account-fixture.ts';
import { type Method, type RestClient, restClient } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer } from '../src/testing/steered-server.ts';

const TREES = 'realm-config/authentication/authenticationtrees/trees';
const NODES = 'realm-config/authentication/authenticationtrees/nodes';
const NODE = '7354982f-57b6-4b04-9ddc-f1dd1e1e07d0';
const PAGE = '2c1f0a5e-5d0e-4f0c-9a57-0d6d0f3b8a11';
const SCRIPT = '01e1a3c0-038b-4c16-956a-6c9d89328cff';

let server: SteeredServer;
let rest: RestClient;
let admin: { readonly id: string; readonly token: string };
let isFailing = false;
/** What the phone of the user is called, for the routes of devices. */
let phone: string;

beforeAll(async () => {
  server = await steeredServer({
    port: 8080,
    between: async () => {
      if (isFailing) throw new Unavailable('the database cannot be written');
    },
  });
  rest = restClient(server);
  await server.createRealm('/alpha');
  await server.createUser('/', 'owner', 'correct horse');
  await server.setAttributes('/', 'owner', { assentRoles: ['owner'] });
  await server.createUser('/', 'user', 'correct horse');
  const { token, session } = await openSession(server, '/', 'owner', { factorAgeMillis: 0 });
  admin = { id: session.userId, token };
  phone = (await addPhone(server, '/', 'user')).uuid;
});
afterAll(() => server?.assent.stop());

const script = {
  name: 'Some script',
  script: Buffer.from('outcome = "true";').toString('base64'),
  language: 'JAVASCRIPT',
  context: 'AUTHENTICATION_TREE_DECISION_NODE',
  evaluatorVersion: '2.0',
};
const tree = {
  entryNodeId: NODE,
  nodes: {
    [NODE]: {
      nodeType: 'UsernameCollectorNode',
      displayName: 'x',
      connections: { outcome: 'e301438c-0bd0-429c-ab0c-66126501069a' },
    },
  },
};
const template = {
  enabled: true,
  from: 'a@example.org',
  subject: { en: 'x' },
  message: { en: 'y' },
  defaultLocale: 'en',
  mimeType: 'text/html',
};
const client = { coreOAuth2ClientConfig: { clientType: 'Public', redirectionUris: ['https://a.example'] } };

interface Change {
  readonly path: string;
  readonly body?: object | undefined;
  /** The row that it leaves. */
  readonly event: string;
  readonly outcome?: string;
  /** Whom it is about, where that is not who has done it: then the row says by whom. */
  readonly about?: 'a user';
}

const change = (path: string, event: string, more: Omit<Change, 'path' | 'event'> = {}): Change => ({
  path,
  event,
  ...more,
});

/** What each route of administration changes, in an order in which each finds what it needs; a new route has to say it, too. */
const CHANGES: Readonly<Record<string, readonly Change[]>> = {
  'PUT /json/realm-config/services/:id': [
    change('/alpha/realm-config/services/email', 'SERVICE_CREATE', { outcome: 'email', body: { hostname: 'a' } }),
    change('/alpha/realm-config/services/email', 'SERVICE_UPDATE', { outcome: 'email', body: { hostname: 'b' } }),
    // Kept among the settings of the realm.
    change('/alpha/realm-config/services/assent', 'SERVICE_UPDATE', { outcome: 'assent', body: { numberDigits: 4 } }),
  ],
  'DELETE /json/realm-config/services/:id': [
    change('/alpha/realm-config/services/email', 'SERVICE_DELETE', { outcome: 'email' }),
    change('/alpha/realm-config/services/assent', 'SERVICE_DELETE', { outcome: 'assent' }),
  ],
  'POST /json/realm-config/services/:id': [
    change('/alpha/realm-config/services/email?_action=create', 'SERVICE_CREATE', { body: { hostname: 'a' } }),
  ],
  'PUT /json/realm-config/services/oauth-oidc': [
    change('/alpha/realm-config/services/oauth-oidc', 'SERVICE_UPDATE', {
      outcome: 'oauth-oidc',
      body: { coreOAuth2Config: { codeLifetime: 60 } },
    }),
  ],
  'DELETE /json/realm-config/services/oauth-oidc': [
    change('/alpha/realm-config/services/oauth-oidc', 'SERVICE_DELETE', { outcome: 'oauth-oidc' }),
  ],
  'PUT /json/realm-config/authentication': [
    change('/alpha/realm-config/authentication', 'REALM_SETTINGS_UPDATE', {
      body: { core: { orgConfig: 'PushLogin' } },
    }),
  ],
  'PUT /json/realm-config/webhooks/:id': [
    change('/realm-config/webhooks/made', 'CONFIG_CHANGE', { outcome: 'create', body: { url: 'https://a.example/' } }),
    change('/realm-config/webhooks/made', 'CONFIG_CHANGE', { outcome: 'update', body: { url: 'https://b.example/' } }),
  ],
  'DELETE /json/realm-config/webhooks/:id': [
    change('/realm-config/webhooks/made', 'CONFIG_CHANGE', { outcome: 'delete' }),
  ],
  'PUT /json/realm-config/email-templates/:id': [
    change('/realm-config/email-templates/made', 'CONFIG_CHANGE', { outcome: 'create', body: template }),
  ],
  'DELETE /json/realm-config/email-templates/:id': [
    change('/realm-config/email-templates/made', 'CONFIG_CHANGE', { outcome: 'delete' }),
  ],
  'PUT /json/realm-config/agents/OAuth2Client/:id': [
    change('/realm-config/agents/OAuth2Client/made', 'CLIENT_CREATE', { outcome: 'made', body: client }),
    change('/realm-config/agents/OAuth2Client/made', 'CLIENT_UPDATE', { outcome: 'made', body: client }),
  ],
  'DELETE /json/realm-config/agents/OAuth2Client/:id': [
    change('/realm-config/agents/OAuth2Client/made', 'CLIENT_DELETE', { outcome: 'made' }),
  ],
  'POST /json/scripts': [change('/scripts?_action=create', 'CONFIG_CHANGE', { outcome: 'create', body: script })],
  'PUT /json/scripts/:id': [
    change(`/scripts/${SCRIPT}`, 'CONFIG_CHANGE', { outcome: 'create', body: { ...script, name: 'Another' } }),
    change(`/scripts/${SCRIPT}`, 'CONFIG_CHANGE', { outcome: 'update', body: { ...script, name: 'A third' } }),
  ],
  'DELETE /json/scripts/:id': [change(`/scripts/${SCRIPT}`, 'CONFIG_CHANGE', { outcome: 'delete' })],
  [`PUT /json/${NODES}/:type/:id`]: [
    change(`/${NODES}/UsernameCollectorNode/${NODE}`, 'CONFIG_CHANGE', { outcome: 'create', body: { _id: NODE } }),
  ],
  [`PUT /json/${NODES}/:type/:version/:id`]: [
    change(`/${NODES}/PageNode/2.0/${PAGE}`, 'CONFIG_CHANGE', { outcome: 'create', body: { _id: PAGE } }),
  ],
  [`POST /json/${NODES}/:type/:version`]: [
    change(`/${NODES}/PageNode/2.0?_action=create`, 'CONFIG_CHANGE', { outcome: 'create', body: {} }),
  ],
  [`DELETE /json/${NODES}/:type/:version/:id`]: [
    change(`/${NODES}/PageNode/2.0/${PAGE}`, 'CONFIG_CHANGE', { outcome: 'delete' }),
  ],
  [`POST /json/${NODES}/:type`]: [
    change(`/${NODES}/UsernameCollectorNode?_action=create`, 'CONFIG_CHANGE', { outcome: 'create', body: {} }),
  ],
  [`PUT /json/${TREES}/:id`]: [change(`/${TREES}/Made`, 'CONFIG_CHANGE', { outcome: 'create', body: tree })],
  [`POST /json/${TREES}/:id`]: [
    change(`/${TREES}/Made?_action=clone`, 'CONFIG_CHANGE', { outcome: 'create', body: { newId: 'Cloned' } }),
  ],
  [`DELETE /json/${TREES}/:id`]: [change(`/${TREES}/Made`, 'CONFIG_CHANGE', { outcome: 'delete' })],
  [`DELETE /json/${NODES}/:type/:id`]: [
    change(`/${NODES}/UsernameCollectorNode/${NODE}`, 'CONFIG_CHANGE', { outcome: 'delete' }),
  ],
  'POST /json/global-config/realms': [
    change('/global-config/realms?_action=create', 'REALM_CREATE', { outcome: '/made', body: { name: 'made' } }),
  ],
  'PUT /json/global-config/realms/:id': [
    change('/global-config/realms/L21hZGU', 'REALM_UPDATE', { outcome: '/made', body: { active: false } }),
  ],
  'DELETE /json/global-config/realms/:id': [
    change('/global-config/realms/L21hZGU', 'REALM_DELETE', { outcome: '/made' }),
  ],
  'POST /json/users': [
    change('/users?_action=create', 'USER_CREATE', {
      about: 'a user',
      body: { username: 'made', userpassword: 'a long password' },
    }),
  ],
  'PUT /json/users/:user': [
    change('/users/user', 'USER_UPDATE', {
      about: 'a user',
      body: { mail: ['a@example.org'], inetUserStatus: 'Active' },
    }),
  ],
  'PUT /json/users/:user/devices/2fa/:type/:id': [
    change('/users/user/devices/2fa/push/PHONE', 'DEVICE_RENAME', { about: 'a user', body: { deviceName: 'x' } }),
  ],
  'DELETE /json/users/:user/devices/2fa/:type/:id': [
    change('/users/user/devices/2fa/push/PHONE', 'DEVICE_REMOVE', { about: 'a user' }),
  ],
  'POST /json/users/:user/devices/2fa/:type': [
    change('/users/user/devices/2fa/push?_action=skip', 'OPTOUT_SET', {
      about: 'a user',
      body: { value: true, reason: 'asked' },
    }),
    change('/users/user/devices/2fa/push?_action=pause', 'PUSH_PAUSED', { about: 'a user', body: { reason: 'asked' } }),
    change('/users/user/devices/2fa/push?_action=reset', 'MFA_RESET', { about: 'a user', body: { reason: 'asked' } }),
  ],
  'POST /json/sessions': [
    change('/sessions?_action=logoutByUser', 'SESSION_END', {
      about: 'a user',
      body: { username: 'user', reason: 'asked' },
    }),
  ],
  'POST /json/users/:user': [
    change('/users/user?_action=export', 'EXPORT', { about: 'a user', body: {} }),
    change('/users/user?_action=erase', 'ERASE', { about: 'a user', body: { reason: 'asked' } }),
  ],
  'DELETE /json/users/:user': [change('/users/made', 'USER_DELETE', { about: 'a user' })],
};

/** What is no administration: people sign in, phones answer, users do something to what is theirs. */
const BY_USERS = [
  'POST /json/authenticate',
  'POST /json/authenticate/renotify',
  'POST /json/push/sns/message',
  'POST /json/push/relay',
  'POST /json/users/:user/oauth2/applications',
  'DELETE /json/users/:user/oauth2/applications/:client',
  'PUT /json/users/:user/devices/profile/:id',
  'DELETE /json/users/:user/devices/profile/:id',
];

/** Leaves two rows: that somebody has approved, and what they have approved (four-eyes.test.ts). */
const BY_TWO = ['POST /json/realm-config/proposals/:id'];

/** Routes that change nothing: they read by an action, or are of what AM has and this server has not. */
const CHANGING_NOTHING = [
  `POST /json/${TREES}`,
  `POST /json/${NODES}`,
  'POST /json/realm-config/services',
  'POST /json/realm-config/services/oauth-oidc',
  'POST /json/realm-config/services/SocialIdentityProviders',
  'POST /json/realm-config/agents/OAuth2Client',
  'POST /json/realm-config/agents',
  'POST /json/realm-config/agents/groups',
  'POST /json/realm-config/authentication/modules',
  'POST /json/realm-config/secrets',
  'POST /json/realm-config/secrets/stores',
  'POST /json/global-config/agents',
  'POST /json/global-config/authentication/modules',
  'POST /json/global-config/secrets',
  'POST /json/global-config/secrets/stores',
  'POST /json/global-config/services',
  'PUT /json/global-config/authentication',
  'PUT /json/global-config/authentication/authenticationtrees',
  'PUT /json/global-config/authentication/chains',
  'PUT /json/global-config/servers/server-default/properties/:group',
  'PUT /json/global-config/webhooks',
];

const rows = async () => {
  const found = await server.assent.store.auditChain.rows({ position: 0 }, 100_000);
  return found.flatMap(({ event }) => (event === undefined ? [] : [event]));
};

/** What a change could have changed: the configuration, and what is kept of users. */
const kept = async () => {
  const { configuration, identities, devices, sessions } = server.assent.store;
  const found = await identities.find('/', 'user');
  return {
    ...(await configuration.load()),
    nodes: await configuration.loadNodes(),
    user: found,
    made: (await identities.find('/', 'made'))?.id,
    devices: found && (await devices.ofUser(found.id)),
    sessions: found && (await sessions.ofUser(found.id, server.clock.now())).length,
  };
};

describe('what somebody administers (SEC-80, F23)', () => {
  test('is known of every route that may change something', () => {
    const writing = server.assent.routes.filter((key) => /^(POST|PUT|PATCH|DELETE) \/json\//.test(key));
    const named = [...Object.keys(CHANGES), ...BY_USERS, ...BY_TWO, ...CHANGING_NOTHING];
    expect(writing.filter((key) => !named.includes(key))).toEqual([]);
    expect(named.filter((key) => !writing.includes(key))).toEqual([]);
  });

  test('is not changed by routes that read, and these leave no row', async () => {
    const before = [await kept(), await rows()];
    for (const key of CHANGING_NOTHING) {
      const [method = '', pattern = ''] = key.split(' ');
      const path = pattern.replace('/json', '').replaceAll(/:(\w+)/g, 'general');
      for (const action of ['', '?_action=create', '?_action=nextdescendents', '?_action=getAllTypes']) {
        const { status } = await rest(method as Method, `${path}${action}`, { token: admin.token, body: {} });
        expect([200, 400, 404, 409, 501], `${key}${action}`).toContain(status);
      }
    }
    expect([await kept(), await rows()]).toEqual(before);
  });

  const cases = Object.entries(CHANGES).flatMap(([key, changes]) => changes.map((it) => [key, it] as const));
  test.each(cases)('%s is one row of the trail, in the commit of the change (%o)', async (key, it) => {
    const method = key.slice(0, key.indexOf(' ')) as Method;
    const transactionId = `t-${cases.findIndex(([, other]) => other === it)}`;
    const call = () =>
      rest(method, it.path.replace('PHONE', phone), {
        token: admin.token,
        body: it.body,
        headers: { 'x-forgerock-transactionid': transactionId, 'x-assent-reason': 'asked' },
      });
    const told = async () => (await rows()).filter((row) => row.transactionId.startsWith(transactionId));

    const before = await kept();
    isFailing = true;
    const refused = await call();
    isFailing = false;
    expect([refused.status, await told()]).toEqual([503, []]);
    expect(await kept()).toEqual(before);

    const done = await call();
    expect([200, 201], JSON.stringify(done.body)).toContain(done.status);
    const [row, ...more] = await told();
    expect(more).toEqual([]);
    const { about, event, outcome } = it;
    expect(row).toMatchObject({
      event,
      transactionId,
      at: server.clock.now(),
      ...(outcome !== undefined && { outcome }),
    });
    if (about === undefined) expect(row?.userId).toBe(admin.id);
    else expect([row?.userId === admin.id, row?.detail?.by]).toEqual([false, admin.id]);
  });
});
