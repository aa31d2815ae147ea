import { FAILURE, secretSettings } from '@assent/engine/host';
import { nodeCatalogue } from '@assent/nodes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bodyOf } from '../src/realm-files/realm-body.ts';
import { contentsOf } from '../src/realm-files/realm-contents.ts';
import { SERVICE_TYPES, secretsOf } from '../src/routes/configuration/service-types.ts';
import { openSession } from '../src/testing/account-fixture.ts';
import { inject } from '../src/testing/inject.ts';
import { type Method, type RestAnswer, type RestClient, restClient } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer } from '../src/testing/steered-server.ts';

// A secret of the operator is named in each place in which a designer or an owner can write, and looked for in everything that anybody reads (SEC-92).

const CANARY = 'canary-of-the-operator-5f1c';
const OTHER_CANARY = 'withheld-canary-of-the-operator-5f1c';
const NAMED = '&{esv.canary} &{esv.other.canary}';
const FRODO = { 'user-agent': '@rockcarver/frodo-lib/3.0.0' };
const JOURNEYS = '/realm-config/authentication/authenticationtrees';
const ROLES = ['owner', 'designer', 'helpdesk', 'auditor'] as const;

let server: SteeredServer;
let rest: RestClient;
let tokens: Readonly<Record<(typeof ROLES)[number], string>>;
/** All that was answered. */
const seen: string[] = [];
let count = 0;

beforeAll(async () => {
  server = await steeredServer({
    port: 18_445,
    logLevel: 'trace',
    environment: { ESV_CANARY: CANARY, ESV_OTHER_CANARY: OTHER_CANARY, ESV_PLAIN_GREETING: 'Good morning' },
    // The root realm may use the one and not the other.
    realmSecrets: ['/=esv.canary'],
  });
  rest = restClient(server);
  const opened = ROLES.map(async (role) => {
    await server.createUser('/', role, 'correct horse');
    await server.setAttributes('/', role, { assentRoles: [role] });
    return [role, (await openSession(server, '/', role, { factorAgeMillis: 0 })).token] as const;
  });
  tokens = Object.fromEntries(await Promise.all(opened)) as typeof tokens;
});
afterAll(() => server.assent.stop());

const noted = (answer: RestAnswer): RestAnswer => {
  seen.push(JSON.stringify([answer.headers, answer.body]));
  return answer;
};
const call = async (
  method: Method,
  path: string,
  body?: unknown,
  { role = 'owner', headers = {} }: { role?: (typeof ROLES)[number]; headers?: Readonly<Record<string, string>> } = {},
): Promise<RestAnswer> => noted(await rest(method, path, { token: tokens[role], body, headers }));

const expectNoSecret = (): void => {
  const { store, configuration } = server.assent;
  const texts = [
    ...seen,
    JSON.stringify(server.logged()),
    JSON.stringify(bodyOf(contentsOf(configuration, '/') as never)),
  ];
  expect(store).toBeDefined();
  for (const text of texts) {
    const at = Math.max(text.indexOf(CANARY), text.indexOf(OTHER_CANARY));
    expect(at === -1 ? '' : text.slice(Math.max(0, at - 300), at + 100)).toBe('');
  }
};

/** A journey of that node alone, called by nobody. */
const reach = async (type: string, id: string): Promise<RestAnswer> => {
  const name = `Reach${++count}`;
  const nodes = { [id]: { displayName: 'x', nodeType: type, connections: { outcome: FAILURE } } };
  await call('PUT', `${JOURNEYS}/trees/${name}`, { entryNodeId: id, enabled: true, nodes });
  await call('POST', `${JOURNEYS}/trees/${name}?_action=check`, {}, { role: 'designer' });
  return noted(await rest('POST', `/authenticate?authIndexType=service&authIndexValue=${name}`, { body: {} }));
};

const SHAPES: readonly unknown[] = [NAMED, { en: NAMED }, { $string: NAMED }];

describe.each([...nodeCatalogue.values()].map((definition) => [definition.type, definition] as const))(
  '%s',
  (type, definition) => {
    const secrets = secretSettings(definition);

    test('shows no secret by any of its settings (SEC-92)', async () => {
      for (const [at, setting] of Object.keys(definition.config.shape).entries()) {
        const value = secrets.has(setting) ? '&{esv.canary}' : SHAPES[at % SHAPES.length];
        const id = crypto.randomUUID();
        const { version } = definition;
        const collection = version === '1.0' ? `${JOURNEYS}/nodes/${type}` : `${JOURNEYS}/nodes/${type}/${version}`;
        const path = `${collection}/${id}`;
        const saved = await call('PUT', path, { [setting]: value }, { role: 'designer' });
        const made = await call('POST', `${collection}?_action=create`, { [setting]: value });
        if (!secrets.has(setting)) {
          for (const { status, body } of [saved, made]) {
            expect([setting, status, body.detail]).toMatchObject([
              setting,
              400,
              { nodeType: type, attribute: setting },
            ]);
            expect(JSON.stringify(body)).toMatch(/&\{esv\.(?:other\.)?canary\} is a secret.*ESV_PLAIN_/);
          }
        }
        // A secret that does not fit its setting is refused, without being told.
        if (secrets.has(setting) && saved.status === 400) continue;
        // An import is kept whole, and its journey fails.
        expect((await call('PUT', path, { [setting]: value }, { headers: FRODO })).status).toBeLessThan(300);
        const answer = await reach(type, id);
        if (!secrets.has(setting)) expect([setting, answer.status]).toEqual([setting, 401]);
      }
      expectNoSecret();
    });
  },
);

test('a secret that the realm may not use is refused in a secret setting, too (SEC-92)', async () => {
  const path = `${JOURNEYS}/nodes/SetPersistentCookieNode/${crypto.randomUUID()}`;
  const { status, body } = await call('PUT', path, { hmacSigningKey: '&{esv.other.canary}' });
  expect([status, body.detail]).toMatchObject([400, { attribute: 'hmacSigningKey' }]);
  expect(JSON.stringify(body)).toContain('ASSENT_REALM_SECRETS');
  expectNoSecret();
});

test.each(SERVICE_TYPES.map((type) => [type.id, type] as const))(
  'the service %s shows no secret (SEC-92)',
  async (id, type) => {
    const secrets = secretsOf(type);
    for (const setting of Object.keys(type.schema.shape)) {
      const value = secrets.has(setting) ? '&{esv.canary}' : NAMED;
      const { status } = await call('PUT', `/realm-config/services/${id}`, { [setting]: value });
      if (!secrets.has(setting)) expect([setting, status]).toEqual([setting, 400]);
    }
    expectNoSecret();
  },
);

test('no other place that an administrator writes to shows one (SEC-92)', async () => {
  const script = {
    name: NAMED,
    description: NAMED,
    script: Buffer.from(
      `logger.error("${NAMED}");
       if (callbacks.isEmpty()) callbacksBuilder.textOutputCallback(0, "${NAMED}");
       else action.goTo("true");`,
    ).toString('base64'),
    language: 'JAVASCRIPT',
    context: 'AUTHENTICATION_TREE_DECISION_NODE',
    evaluatorVersion: '2.0',
  };
  const made = await call('POST', '/scripts?_action=create', script, { role: 'designer' });
  expect(made.status).toBe(201);
  const node = crypto.randomUUID();
  const scripted = { script: made.body._id, outcomes: ['true'] };
  expect((await call('PUT', `${JOURNEYS}/nodes/ScriptedDecisionNode/${node}`, scripted)).status).toBe(201);
  const shown = await reach('ScriptedDecisionNode', node);
  expect(JSON.stringify(shown.body)).toContain('&{esv.canary}');

  await call('PUT', '/realm-config/email-templates/canary', {
    enabled: true,
    from: 'a@example.org',
    subject: { en: NAMED },
    message: { en: NAMED },
    defaultLocale: 'en',
    mimeType: 'text/html',
  });
  await call('PUT', '/realm-config/webhooks/canary', {
    url: 'https://a.example/&{esv.canary}',
    body: NAMED,
    headers: { 'x-a': NAMED, authorization: NAMED },
  });
  await call('PUT', '/realm-config/agents/OAuth2Client/canary', {
    coreOAuth2ClientConfig: {
      clientType: 'Public',
      clientName: [NAMED],
      redirectionUris: ['https://a.example/&{esv.canary}'],
    },
    advancedOAuth2ClientConfig: { name: [NAMED], descriptions: [NAMED], logoUri: ['https://a.example/&{esv.canary}'] },
  });
  await call('PUT', '/realm-config/services/validation', { validGotoDestinations: ['https://a.example/*'] });
  const goto = encodeURIComponent('https://a.example/&{esv.canary}');
  await call('POST', '/users?_action=validateGoto', { goto: 'https://a.example/&{esv.canary}' });
  const { host, pathname } = new URL(server.assent.publicUrl);
  for (const url of [
    `/login?goto=${goto}`,
    '/login',
    '/json/serverinfo/*',
    '/oauth2/.well-known/openid-configuration',
  ]) {
    const { body, headers } = await inject(server.assent, {
      method: 'GET',
      url: `${pathname}${url}`,
      headers: { host },
    });
    seen.push(JSON.stringify([headers, body]));
  }
  expectNoSecret();
});

test('no reader of configuration, of users or of the audit log is told one (SEC-92)', async () => {
  const reads = server.assent.routes.filter((key) =>
    /^GET \/json\/(?!authenticate|push\/relay|metrics\/prometheus)/.test(key),
  );
  const names: Readonly<Record<string, string>> = { user: 'owner', type: 'push', id: 'canary' };
  for (const role of ROLES) {
    for (const key of reads) {
      const path = key.slice('GET /json'.length).replace(/:(\w+)/g, (_, name: string) => names[name] ?? name);
      await call('GET', `${path}?_queryFilter=true`, undefined, { role });
    }
    for (const [type] of nodeCatalogue) {
      await call('GET', `${JOURNEYS}/nodes/${type}?_queryFilter=true`, undefined, { role });
      for (const action of ['schema', 'template', 'listOutcomes'])
        await call('POST', `${JOURNEYS}/nodes/${type}?_action=${action}`, {}, { role });
    }
    for (const { id } of SERVICE_TYPES) {
      await call('GET', `/realm-config/services/${id}`, undefined, { role });
      for (const action of ['schema', 'template'])
        await call('POST', `/realm-config/services/${id}?_action=${action}`, {}, { role });
    }
  }
  const rows = await server.assent.store.auditChain.rows({ position: 0 }, 100_000);
  seen.push(JSON.stringify(rows));
  expect(rows.length).toBeGreaterThan(100);
  expectNoSecret();
});

test('the secret is there for what may use it, and a plain value is shown: the canaries can sing', async () => {
  const mail = { hostname: 'mail.example.com', from: 'a@example.com', password: '&{esv.canary}' };
  expect((await call('PUT', '/realm-config/services/email', mail)).status).toBeLessThan(300);
  expect(server.assent.configuration.service('/', 'email')?.config.password).toBe(CANARY);
  const id = crypto.randomUUID();
  const message = { message: { en: '&{esv.greeting}, &{esv.plain.greeting}' } };
  expect((await call('PUT', `${JOURNEYS}/nodes/MessageNode/${id}`, message)).status).toBe(201);
  expect(JSON.stringify((await reach('MessageNode', id)).body)).toContain('Good morning, Good morning');
  expectNoSecret();
});
