import { configuring } from '@assent/store/testing';
import type { JsonObject } from '@assent/wire';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SUCCESS } from '../src/testing/publish-tree.ts';
import { type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer } from '../src/testing/steered-server.ts';

// SEC-72: a caller who may read a document and not write it sees no secret, and no value of a member that this server does not know.

const REALM = '/alpha';
const PASSWORD = 'correct horse 7';
const CANARY = 'canary-of-a-secret';
const TREES = 'realm-config/authentication/authenticationtrees';
const UNKNOWN_NODE = '0f6a1c52-7f0e-4b0b-9f2d-00000000abc1';
const NODE = '0f6a1c52-7f0e-4b0b-9f2d-00000000abc2';
const OIDC = 'realm-config/services/oauth-oidc';
const CLIENT = 'realm-config/agents/OAuth2Client/planner';
const SERVICES = ['email', 'pushNotification', 'ldap'];

let server: SteeredServer;
let rest: RestClient;
let script = '';
let proposal = '';
const tokens: Record<string, string | undefined> = {};

const put = async (role: string, path: string, body: JsonObject): Promise<JsonObject> => {
  const answer = await rest('PUT', `${REALM}/${path}`, { token: tokens[role], body });
  expect([200, 201, 202], `${path}: ${JSON.stringify(answer.body)}`).toContain(answer.status);
  return answer.body;
};

const HIDDEN = { apiKeyOfAnother: CANARY, nestedOfAnother: { deep: [{ key: CANARY }] } };

const tree = (description: string): JsonObject => ({
  ...HIDDEN,
  description,
  entryNodeId: NODE,
  uiConfig: { categories: '[]', keyOfAnother: CANARY },
  staticNodes: { startNode: { x: 1, y: 2, key: CANARY } },
  nodes: {
    [NODE]: {
      ...HIDDEN,
      nodeType: 'MessageNode',
      displayName: 'Hello',
      connections: { true: UNKNOWN_NODE, false: SUCCESS },
    },
    [UNKNOWN_NODE]: { nodeType: 'SocialProviderHandlerNode', displayName: 'Social', connections: { next: SUCCESS } },
  },
});

beforeAll(async () => {
  server = await steeredServer({ port: 18_786 });
  rest = restClient(server);
  await server.createRealm(REALM);
  for (const role of ['owner', 'designer', 'auditor']) {
    await server.createUser(REALM, role, PASSWORD);
    await server.setAttributes(REALM, role, { assentRoles: [role] });
    tokens[role] = await signIn(rest, REALM, role, PASSWORD);
  }
  await server.createUser(REALM, 'jane', PASSWORD);
  await server.setAttributes(REALM, 'jane', { kbaInfo: [CANARY], mail: ['jane@example.org'] });

  await put('designer', `${TREES}/nodes/SocialProviderHandlerNode/${UNKNOWN_NODE}`, {
    ...HIDDEN,
    _secretOfAnother: CANARY,
    _outcomes: [{ id: CANARY }],
  });
  await put('designer', `${TREES}/nodes/MessageNode/${NODE}`, { ...HIDDEN, message: { en: 'x' } });
  await put('designer', `${TREES}/trees/T`, tree('before'));
  const made = await rest('POST', `${REALM}/scripts?_action=create`, {
    token: tokens.designer,
    body: { ...HIDDEN, name: 'one', script: Buffer.from('outcome = "true"').toString('base64') },
  });
  script = String(made.body._id);
  await put('owner', 'realm-config/authentication', {
    security: { keyOfAnother: CANARY },
    core: { keyOfAnother: CANARY },
    blockOfAnother: { key: CANARY },
  });
  await put('owner', 'realm-config/email-templates/welcome', {
    ...HIDDEN,
    defaultLocale: 'en',
    subject: { en: 's' },
    message: { en: 'm' },
  });
  await put('owner', 'realm-config/webhooks/hook', {
    url: 'https://a.example/h',
    headers: { Authorization: CANARY, 'content-type': 'text/plain' },
  });

  // Also values that no body of REST brings, as a version before this one, or an import, may have stored them.
  const { storedService } = server.assent.configuration;
  const hook = storedService.call(server.assent.configuration, REALM, 'webhook/hook')?.config;
  const jwkSet = JSON.stringify({
    keys: [
      { kty: 'EC', kid: 'public', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) },
      { kty: 'oct', kid: 'both-know', k: CANARY },
    ],
  });
  await configuring(server.assent.store).change({
    putServices: [
      ...SERVICES.map((type) => ({ realm: REALM, type, config: HIDDEN })),
      { realm: REALM, type: 'webhook/hook', config: { ...hook, ...HIDDEN } },
      {
        realm: REALM,
        type: 'oauth-oidc',
        config: {
          sectionOfAnother: HIDDEN,
          advancedOAuth2Config: { ...HIDDEN, hashSalt: CANARY, supportedScopes: [{ key: CANARY }] },
        },
      },
    ],
    putClients: [
      {
        realm: REALM,
        id: 'planner',
        secretDigest: CANARY,
        document: {
          sectionOfAnother: HIDDEN,
          coreOAuth2ClientConfig: { ...HIDDEN, clientName: { inherited: false, value: ['Planner'], key: CANARY } },
          advancedOAuth2ClientConfig: { descriptions: { inherited: false, value: { key: CANARY } } },
          signEncOAuth2ClientConfig: { jwkSet: { inherited: false, value: jwkSet } },
        },
      },
    ],
  });
  await server.assent.configuration.refresh();

  await put('owner', 'realm-config/services/assent', { fourEyes: true });
  const proposed = await put('designer', `${TREES}/trees/T`, tree('after'));
  proposal = String((proposed._proposal as JsonObject)._id);
});
afterAll(() => server?.assent.stop());

/** Where a pattern of the route table has a document; a pattern that is not here is asked for with names of no document. */
const documents = (): Readonly<Record<string, readonly string[]>> => ({
  [`${TREES}/trees`]: [`${TREES}/trees?_queryFilter=true`],
  [`${TREES}/trees/:id`]: [`${TREES}/trees/T`],
  [`${TREES}/nodes/:type`]: ['MessageNode', 'SocialProviderHandlerNode'].map(
    (type) => `${TREES}/nodes/${type}?_queryFilter=true`,
  ),
  [`${TREES}/nodes/:type/:id`]: [
    `${TREES}/nodes/MessageNode/${NODE}`,
    `${TREES}/nodes/SocialProviderHandlerNode/${UNKNOWN_NODE}`,
  ],
  [`${TREES}/nodes/:type/:version/:id`]: [`${TREES}/nodes/MessageNode/1.0/${NODE}`],
  scripts: ['scripts?_queryFilter=true'],
  'scripts/:id': [`scripts/${script}`],
  'realm-config/authentication': ['realm-config/authentication'],
  'realm-config/services': ['realm-config/services'],
  'realm-config/services/:id': SERVICES.map((id) => `realm-config/services/${id}`),
  [OIDC]: [OIDC],
  'realm-config/agents/OAuth2Client': ['realm-config/agents/OAuth2Client?_queryFilter=true'],
  'realm-config/agents/OAuth2Client/:id': [CLIENT],
  'realm-config/email-templates': ['realm-config/email-templates?_queryFilter=true'],
  'realm-config/email-templates/:id': ['realm-config/email-templates/welcome'],
  'realm-config/webhooks': ['realm-config/webhooks?_queryFilter=true'],
  'realm-config/webhooks/:id': ['realm-config/webhooks/hook'],
  'realm-config/proposals/:id': [`realm-config/proposals/${proposal}`],
});

/** Documents of a realm that hold none of these members: what a proposal says in a list, and realms. */
const WITHOUT_MEMBERS = ['realm-config/proposals', 'global-config/realms', 'global-config/realms/:id'];

/** What PingAM has and this server has not: the answer does not come from the configuration. */
const ABSENT =
  /^realm-config\/(agents\/:type|authentication\/(chains|modules\/:type)|federation\/.*|saml2)$|^global-config\/(?!realms)/;

/** Patterns of the route table below a realm, without the tree of the API. */
const patterns = (method: string): readonly string[] =>
  server.assent.routes.flatMap((key) =>
    key.startsWith(`${method} /json/`) ? [key.slice(`${method} /json/`.length)] : [],
  );

const seen = async (role: string, method: 'GET' | 'POST', path: string) => {
  const { status, body } = await rest(method, `${REALM}/${path}`, {
    token: tokens[role],
    ...(method === 'POST' && { body: {} }),
  });
  return { status, text: JSON.stringify(body) };
};

test('every route that reads a document shows a canary to those who may write it, and none to an auditor (SEC-72)', async () => {
  const told: string[] = [];
  for (const [pattern, paths] of Object.entries(documents())) {
    expect(patterns('GET'), pattern).toContain(pattern);
    for (const path of paths) {
      const writer = await seen('owner', 'GET', path);
      const auditor = await seen('auditor', 'GET', path);
      expect([writer.status, auditor.status], path).toEqual([200, 200]);
      if (writer.text.includes(CANARY)) told.push(path);
      expect(auditor.text, path).not.toContain(CANARY);
      expect(auditor.text.match(/"_rev":"[^"]*"/g), path).toEqual(writer.text.match(/"_rev":"[^"]*"/g));
    }
  }
  expect(told).toEqual(Object.values(documents()).flat());
});

test('every other GET of the API, and each reading action, shows no canary to an auditor (SEC-72)', async () => {
  const known = documents();
  const unexpected: string[] = [];
  for (const pattern of patterns('GET')) {
    if (pattern.startsWith('authenticate/')) continue;
    const path = pattern.replace(':user', 'jane').replace('2fa/:type', '2fa/push').replace(/:\w+/g, 'none');
    const { status, text } = await seen('auditor', 'GET', `${path}?_queryFilter=true`);
    expect(text, pattern).not.toContain(CANARY);
    const isConfiguration = /^(realm-config|global-config|scripts)/.test(pattern);
    const isNamed = Object.hasOwn(known, pattern) || WITHOUT_MEMBERS.includes(pattern) || ABSENT.test(pattern);
    if (isConfiguration && !isNamed) unexpected.push(`${pattern} ${status}`);
  }
  // A new route of the configuration belongs into `documents`.
  expect(unexpected).toEqual([]);

  const actions = ['nextdescendents', 'getAllTypes', 'getCreatableTypes', 'getType', 'getIds', 'schema', 'template'];
  let answered = 0;
  for (const pattern of patterns('POST').filter((it) => it.startsWith('realm-config/'))) {
    const paths = pattern.includes(':')
      ? [...(known[pattern] ?? []), pattern.replace(':type/:version', 'MessageNode/1.0').replace(/:\w+/g, 'email')]
      : [pattern];
    for (const path of paths) {
      for (const action of [...actions, 'listOutcomes', 'check', 'validateTree']) {
        const { status, text } = await seen('auditor', 'POST', `${path.split('?')[0]}?_action=${action}`);
        if (status === 200) answered += 1;
        expect(text, `${path} ${action}`).not.toContain(CANARY);
      }
    }
  }
  expect(answered).toBeGreaterThan(20);
});

test('a proposal shows an auditor what it changes, without values of unknown members (SEC-72)', async () => {
  const { body } = await rest('GET', `${REALM}/realm-config/proposals/${proposal}`, { token: tokens.auditor });
  const { before, after } = body as { readonly before: JsonObject; readonly after: JsonObject };
  expect(before).toMatchObject({ trees: [{ _id: 'T', description: 'before', apiKeyOfAnother: null }] });
  expect(after).toMatchObject({
    trees: [
      {
        _id: 'T',
        description: 'after',
        apiKeyOfAnother: null,
        uiConfig: { categories: '[]', keyOfAnother: null },
        staticNodes: { startNode: { x: 1, y: 2, key: null } },
        nodes: { [NODE]: { nodeType: 'MessageNode', displayName: 'Hello', nestedOfAnother: null } },
      },
    ],
  });
  expect(after.nodes).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ _id: NODE, message: { en: 'x' }, apiKeyOfAnother: null }),
      expect.objectContaining({ _id: UNKNOWN_NODE, apiKeyOfAnother: null, _outcomes: [] }),
    ]),
  );
});
