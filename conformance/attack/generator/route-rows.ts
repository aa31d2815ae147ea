import type { Sample } from './wild-values.ts';

/** In whose name a route is called. */
export type Who = 'nobody' | 'user' | 'administrator' | 'page' | 'own form';

/** One way in which a route is usually called. */
export interface RouteRow {
  readonly as?: Who;
  /** Segments of the path by their names. */
  readonly names?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Sample;
  /** Sent as a form in the place of JSON. */
  readonly form?: Readonly<Record<string, string>>;
  /** Keeps what it takes away for the others to find: it comes last. */
  readonly isLast?: true;
}

const TREES = '/json/realm-config/authentication/authenticationtrees/trees';
const NODES = '/json/realm-config/authentication/authenticationtrees/nodes';
const NODE = '7354982f-57b6-4b04-9ddc-f1dd1e1e07d0';
const PASSKEY_NODE = {
  type: 'WebAuthnAuthenticationNode',
  version: '2.0',
  id: '7354982f-57b6-4b04-9ddc-f1dd1e1e07d1',
};
const SCRIPT = '01e1a3c0-038b-4c16-956a-6c9d89328cff';

const FILTERED = { _queryFilter: 'true', _fields: 'a', _pageSize: '2', _pagedResultsCookie: '0' };
const QUERY = { ...FILTERED, _pagedResultsOffset: '0', _totalPagedResultsPolicy: 'EXACT' };
const asAdministrator = (row: RouteRow = {}): readonly RouteRow[] => [{ as: 'administrator', ...row }];
const action = (_action: string, body?: Sample, row: RouteRow = {}): RouteRow => ({
  ...row,
  query: { _action, ...row.query },
  ...(body && { body }),
});
const actions = (names: readonly string[], body: Sample, row: RouteRow = {}): readonly RouteRow[] =>
  names.map((name) => action(name, body, row));

const start = {
  authIndexType: 'service',
  authIndexValue: 'Login',
  goto: '/a',
  gotoOnFail: '/b',
  locale: 'de',
  noSession: 'true',
  ForceAuth: 'true',
};
const suspendedId = '00000000-0000-4000-8000-000000000000.AAAAAAAAAAAAAAAAAAAAAAAA';
const credentials = {
  authId: 'a.b.c',
  stage: 'x',
  callbacks: [
    { type: 'NameCallback', output: [{ name: 'prompt', value: 'x' }], input: [{ name: 'IDToken1', value: 'x' }] },
  ],
};
const shownText = {
  type: 'TextOutputCallback',
  output: [
    { name: 'message', value: 'x' },
    { name: 'messageType', value: '0' },
  ],
};
const user = { username: 'made', userpassword: 'a long password', mail: ['a@example.org'], assentRoles: ['auditor'] };
const script = {
  name: 'Some script',
  description: 'x',
  script: Buffer.from('outcome = "true";').toString('base64'),
  language: 'JAVASCRIPT',
  context: 'AUTHENTICATION_TREE_DECISION_NODE',
  evaluatorVersion: '2.0',
  default: false,
};
const tree = {
  entryNodeId: NODE,
  description: 'x',
  nodes: {
    [NODE]: {
      nodeType: 'UsernameCollectorNode',
      displayName: 'x',
      connections: { outcome: 'e301438c-0bd0-429c-ab0c-66126501069a' },
    },
  },
  staticNodes: { startNode: { x: 1, y: 2 } },
  uiConfig: { categories: '[]' },
  enabled: true,
};
const device = { names: { user: 'ada', type: 'push', id: 'some-device' } };
const redirected = { goto: '/a', realm: '/alpha', locale: 'de' };
const page: RouteRow = { as: 'page', query: { ...start, ...redirected, service: 'Login' } };
const oauth: readonly RouteRow[] = [
  { query: { client_id: 'a', redirect_uri: 'https://a.example', response_type: 'code', scope: 'a', state: 'b' } },
];
const oauthForm: readonly RouteRow[] = [
  { form: { grant_type: 'authorization_code', code: 'a', client_id: 'b', token: 'c', id_token_hint: 'd' } },
];
const readOnly: readonly RouteRow[] = [{}];
const loginForms: readonly RouteRow[] = [
  {
    as: 'own form',
    query: { ...start, ...redirected },
    form: {
      press: 'answer',
      step: JSON.stringify({ step: { authId: 'a.b.c', callbacks: [] }, first: true }),
      language: 'de',
      'answer-0': 'x',
      'answer-1-0': 'y',
    },
  },
  {
    as: 'own form',
    form: {
      step: JSON.stringify({
        step: { authId: 'a.b.c', callbacks: [...credentials.callbacks, shownText] },
        first: false,
        username: 'x',
        language: 'en',
      }),
      'answer-0': 'x',
    },
  },
];

const each = (paths: readonly string[], rows: readonly RouteRow[]): Readonly<Record<string, readonly RouteRow[]>> =>
  Object.fromEntries(paths.map((path) => [path, rows]));

/** What an export asks for, and this server has none of. */
const ABSENT = {
  ...each(
    [
      'GET /json/applications',
      'GET /json/applicationtypes',
      'GET /json/conditiontypes',
      'GET /json/decisioncombiners',
      'GET /json/policies',
      'GET /json/resourcetypes',
      'GET /json/subjectattributes',
      'GET /json/subjecttypes',
      'GET /json/node-designer/node-type',
      'GET /json/realm-config/agents/:type',
      'GET /json/realm-config/authentication/chains',
      'GET /json/realm-config/authentication/modules/:type',
      'GET /json/realm-config/federation/entityproviders/:type',
      'GET /json/global-config/servers',
      'GET /json/global-config/services/scripting/contexts',
      'GET /json/global-config/sites',
    ],
    asAdministrator({ names: { type: 'saml2' }, query: { _queryFilter: 'true' } }),
  ),
  ...each(
    [
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
    ],
    [action('nextdescendents', {}, { as: 'administrator' })],
  ),
};

/** Settings of AM that are kept as they come. */
const KEPT = each(
  [
    'authentication',
    'authentication/authenticationtrees',
    'authentication/chains',
    'servers/server-default/properties/:group',
    'webhooks',
  ].flatMap((path) => [`GET /json/global-config/${path}`, `PUT /json/global-config/${path}`]),
  asAdministrator({ names: { group: 'general' }, body: { _id: 'x', core: { some: ['x'] }, other: 7 } }),
);

/** Every route that a server has, by the name in its own tables, and how it is usually called. */
export const ROUTE_ROWS: Readonly<Record<string, readonly RouteRow[]>> = {
  ...ABSENT,
  ...KEPT,
  'POST /json/authenticate': [
    { query: start, body: credentials },
    { as: 'user', query: start, body: {} },
    { query: { authIndexType: 'transaction', authIndexValue: 'some-id' }, body: {} },
    { query: { suspendedId, noSession: 'true' }, body: {} },
  ],
  'GET /json/authenticate/wait': [{ as: 'page' }],
  'POST /json/authenticate/renotify': [{ as: 'page', body: { authId: 'a.b.c' } }],
  'GET /json/sessions': [{ as: 'user', query: { _queryFilter: 'username eq "ada" and realm eq "/"' } }],
  'POST /json/sessions': [
    ...actions(
      ['getSessionInfo', 'getSessionInfoAndResetIdleTime', 'getSessionProperties', 'validate', 'refresh'],
      { tokenId: 'x' },
      { as: 'user' },
    ),
    action('logoutByHandle', { sessionHandles: ['x', 'y'] }, { as: 'user' }),
    action('updateSessionProperties', { a: 'b' }, { as: 'user' }),
    action('logoutByUser', { username: 'nobody' }, { as: 'administrator' }),
    action('logout', { tokenId: 'x' }, { as: 'nobody' }),
  ],
  'POST /json/policies': [
    action(
      'evaluate',
      {
        resources: ['https://shop.example.com/a'],
        application: 'iPlanetAMWebAgentService',
        subject: { ssoToken: 'x' },
        environment: { TxId: ['y'] },
      },
      { as: 'administrator' },
    ),
  ],
  'POST /json/users': [
    action('create', user, { as: 'administrator', query: { _fields: 'a' } }),
    action('idFromSession', {}, { as: 'user' }),
    action('validateGoto', { goto: '/a' }, { as: 'user' }),
  ],
  'GET /json/users': asAdministrator({ query: { ...QUERY, _sortKeys: '-sn', _queryId: '*' } }),
  'GET /json/users/:user': asAdministrator({ names: { user: 'ada' }, query: { _fields: 'a' } }),
  'PUT /json/users/:user': asAdministrator({
    names: { user: 'bob' },
    query: { _fields: 'a' },
    body: { mail: ['b@example.org'], sn: 'x', inetUserStatus: 'Active' },
  }),
  'POST /json/users/:user': [
    action(
      'changePassword',
      { currentpassword: 'wrong', userpassword: 'a long password' },
      { as: 'user', names: { user: 'ada' } },
    ),
    action('validatePassword', { userpassword: 'a long password' }, { as: 'user', names: { user: 'ada' } }),
    action('export', {}, { as: 'administrator', names: { user: 'bob' } }),
    action('erase', { reason: 'x', dryRun: true }, { as: 'administrator', names: { user: 'bob' } }),
  ],
  'DELETE /json/users/:user': asAdministrator({ names: { user: 'bob' }, isLast: true }),
  'GET /json/users/:user/activity': [
    { as: 'user', names: { user: 'ada' }, query: { _pageSize: '2', _pagedResultsCookie: 'x' } },
  ],
  'GET /json/users/:user/oauth2/applications': [
    {
      as: 'user',
      names: { user: 'ada' },
      query: { _queryFilter: 'true', _pageSize: '2', _pagedResultsCookie: 'x', _fields: '_id', locale: 'de' },
    },
  ],
  'POST /json/users/:user/oauth2/applications': [
    action('revoke', { clientId: 'x' }, { as: 'user', names: { user: 'ada' } }),
  ],
  'DELETE /json/users/:user/oauth2/applications/:client': [{ as: 'user', names: { user: 'ada', client: 'x' } }],
  'GET /json/users/:user/devices/profile': [{ as: 'user', ...device }],
  'PUT /json/users/:user/devices/profile/:id': [{ as: 'user', ...device, body: { alias: 'x' } }],
  'DELETE /json/users/:user/devices/profile/:id': [{ as: 'user', ...device }],
  'GET /json/users/:user/devices/2fa/:type': [{ as: 'user', ...device, query: { _queryFilter: 'true' } }],
  'POST /json/users/:user/devices/2fa/:type': actions(
    ['check', 'skip', 'countCodes', 'renewCodes', 'pause', 'reset'],
    { value: true },
    { as: 'user', ...device },
  ),
  'GET /json/users/:user/devices/2fa/:type/:id': [
    { as: 'user', ...device },
    { as: 'user', names: { ...device.names, user: 'id=ada,ou=user,ou=services,ou=am-config', type: 'webauthn' } },
  ],
  'PUT /json/users/:user/devices/2fa/:type/:id': [{ as: 'user', ...device, body: { deviceName: 'x' } }],
  'DELETE /json/users/:user/devices/2fa/:type/:id': [{ as: 'user', ...device }],
  'POST /json/realm-config/services/SocialIdentityProviders': [action('nextdescendents', {}, { as: 'administrator' })],
  'GET /json/realm-config/saml2': asAdministrator({ query: FILTERED }),
  'GET /json/realm-config/federation/circlesoftrust': asAdministrator({ query: FILTERED }),
  'GET /json/realm-config/webhooks': asAdministrator({ query: FILTERED }),
  'GET /json/realm-config/webhooks/:id': asAdministrator({ names: { id: 'made' } }),
  'PUT /json/realm-config/webhooks/:id': asAdministrator({
    names: { id: 'made' },
    body: { url: 'https://a.example/x', body: 'x', headers: { 'x-a': 'b' } },
  }),
  'DELETE /json/realm-config/webhooks/:id': asAdministrator({ names: { id: 'made' }, isLast: true }),
  'GET /json/realm-config/proposals': asAdministrator({ query: FILTERED }),
  'GET /json/realm-config/proposals/:id': asAdministrator({ names: { id: 'some-proposal' } }),
  'POST /json/realm-config/proposals/:id': actions(
    ['approve', 'reject'],
    { reason: 'x' },
    { as: 'administrator', names: { id: 'some-proposal' } },
  ),
  'GET /json/realm-config/services': asAdministrator({ query: FILTERED }),
  'POST /json/realm-config/services': actions(
    ['nextdescendents', 'getAllTypes', 'getCreatableTypes'],
    {},
    { as: 'administrator' },
  ),
  'GET /json/realm-config/services/:id': asAdministrator({ names: { id: 'assent' } }),
  'PUT /json/realm-config/services/:id': [
    ...asAdministrator({
      names: { id: 'assent' },
      query: { realm: '/alpha' },
      body: {
        numberDigits: 6,
        corsOrigins: ['https://a.example'],
        corsAcceptedHeaders: ['x-a'],
        hideTokenInBody: false,
        brandName: 'x',
        brandLogo: '',
        brandColor: '#123456',
      },
    }),
    ...asAdministrator({
      names: { id: 'validation' },
      query: { realm: '/alpha' },
      body: { validGotoDestinations: ['https://a.example/*'] },
    }),
    ...asAdministrator({
      names: { id: 'pushNotification' },
      query: { realm: '/alpha' },
      body: { delegateFactory: 'relay', region: 'eu-west-1', mdDuration: 1 },
    }),
  ],
  'POST /json/realm-config/services/:id': actions(
    ['create', 'schema', 'template', 'getType', 'nextdescendents'],
    { hostname: 'a' },
    { as: 'administrator', names: { id: 'email' }, query: { realm: '/alpha' } },
  ),
  'DELETE /json/realm-config/services/:id': asAdministrator({
    names: { id: 'validation' },
    query: { realm: '/alpha' },
    isLast: true,
  }),
  'GET /json/realm-config/services/oauth-oidc': asAdministrator(),
  'PUT /json/realm-config/services/oauth-oidc': asAdministrator({
    query: { realm: '/alpha' },
    body: { coreOAuth2Config: { codeLifetime: 60 }, advancedOIDCConfig: { loaMapping: { push: 'PushLogin' } } },
  }),
  'POST /json/realm-config/services/oauth-oidc': actions(
    ['create', 'schema', 'template', 'getType', 'nextdescendents', 'getAllTypes', 'getCreatableTypes'],
    {},
    { as: 'administrator' },
  ),
  'DELETE /json/realm-config/services/oauth-oidc': asAdministrator({ query: { realm: '/alpha' }, isLast: true }),
  'GET /json/realm-config/agents/OAuth2Client': asAdministrator({ query: QUERY }),
  'POST /json/realm-config/agents/OAuth2Client': actions(
    ['schema', 'template', 'getType', 'nextdescendents'],
    {},
    { as: 'administrator' },
  ),
  'GET /json/realm-config/agents/OAuth2Client/:id': asAdministrator({ names: { id: 'demo-app' } }),
  'PUT /json/realm-config/agents/OAuth2Client/:id': asAdministrator({
    names: { id: 'made' },
    body: {
      coreOAuth2ClientConfig: {
        clientType: { inherited: false, value: 'Public' },
        redirectionUris: ['https://a.example'],
      },
      advancedOAuth2ClientConfig: { logoUri: ['https://a.example/a'], customProperties: ['assent.requiredAcr=push'] },
      coreOpenIDClientConfig: { defaultMaxAge: 5, defaultMaxAgeEnabled: true },
      overrideOAuth2ClientConfig: { providerOverridesEnabled: true },
    },
  }),
  'DELETE /json/realm-config/agents/OAuth2Client/:id': asAdministrator({ names: { id: 'made' }, isLast: true }),
  'GET /json/realm-config/authentication': asAdministrator(),
  'PUT /json/realm-config/authentication': asAdministrator({
    query: { realm: '/alpha' },
    body: {
      core: { orgConfig: 'Login' },
      general: { locale: 'en' },
      postauthprocess: { loginSuccessUrl: ['/a'] },
      trees: { authenticationSessionsMaxDuration: 5 },
    },
  }),
  [`GET ${TREES}`]: asAdministrator({ query: QUERY }),
  [`POST ${TREES}`]: actions(
    ['create', 'getAllTypes', 'getIds', 'schema', 'template'],
    { _id: 'Made', ...tree },
    { as: 'administrator' },
  ),
  [`GET ${TREES}/:id`]: asAdministrator({ names: { id: 'Login' }, query: { _fields: 'a' } }),
  [`POST ${TREES}/:id`]: actions(
    ['clone', 'check'],
    { newId: 'Cloned' },
    { as: 'administrator', names: { id: 'Login' } },
  ),
  [`PUT ${TREES}/:id`]: asAdministrator({ names: { id: 'Made' }, body: tree }),
  [`DELETE ${TREES}/:id`]: asAdministrator({ names: { id: 'Made' }, isLast: true }),
  [`POST ${NODES}`]: actions(['getAllTypes', 'nextdescendents', 'getCreatableTypes'], {}, { as: 'administrator' }),
  [`GET ${NODES}/:type`]: asAdministrator({ names: { type: 'UsernameCollectorNode' }, query: QUERY }),
  [`POST ${NODES}/:type`]: actions(
    ['create', 'schema', 'template', 'listOutcomes', 'getType'],
    { nodes: [], stage: 'x', pageHeader: { en: 'x' } },
    { as: 'administrator', names: { type: 'PageNode' } },
  ),
  [`GET ${NODES}/:type/:id`]: asAdministrator({ names: { type: 'UsernameCollectorNode', id: NODE } }),
  [`PUT ${NODES}/:type/:id`]: [
    ...asAdministrator({ names: { type: 'UsernameCollectorNode', id: NODE }, body: { _id: NODE } }),
    ...asAdministrator({
      names: { type: 'PageNode', id: 'a354982f-57b6-4b04-9ddc-f1dd1e1e07d0' },
      body: {
        nodes: [{ _id: NODE, nodeType: 'UsernameCollectorNode', displayName: 'x' }],
        pageDescription: { en: 'x' },
      },
    }),
    ...asAdministrator({
      names: { type: 'SomeOtherNode', id: 'b354982f-57b6-4b04-9ddc-f1dd1e1e07d0' },
      body: { a: 'b', _outcomes: [{ id: 'c', displayName: 'd' }] },
    }),
  ],
  [`DELETE ${NODES}/:type/:id`]: asAdministrator({ names: { type: 'UsernameCollectorNode', id: NODE }, isLast: true }),
  [`POST ${NODES}/:type/:version`]: actions(
    ['schema', 'template', 'getType', 'listOutcomes', 'create'],
    {},
    { as: 'administrator', names: { type: 'WebAuthnAuthenticationNode', version: '2.0' } },
  ),
  [`GET ${NODES}/:type/:version/:id`]: asAdministrator({ names: PASSKEY_NODE }),
  [`PUT ${NODES}/:type/:version/:id`]: asAdministrator({
    names: PASSKEY_NODE,
    body: { mediation: 'conditional', _type: { _id: 'WebAuthnAuthenticationNode', version: '2.0' } },
  }),
  [`DELETE ${NODES}/:type/:version/:id`]: asAdministrator({ names: PASSKEY_NODE, isLast: true }),
  'GET /json/realm-config/email-templates': asAdministrator({ query: FILTERED }),
  'GET /json/realm-config/email-templates/:id': asAdministrator({ names: { id: 'made' } }),
  'PUT /json/realm-config/email-templates/:id': asAdministrator({
    names: { id: 'made' },
    body: {
      enabled: true,
      from: 'a@example.org',
      subject: { en: 'x' },
      message: { en: 'y' },
      defaultLocale: 'en',
      mimeType: 'text/html',
    },
  }),
  'DELETE /json/realm-config/email-templates/:id': asAdministrator({ names: { id: 'made' }, isLast: true }),
  'GET /json/global-config/realms': asAdministrator({ query: FILTERED }),
  'POST /json/global-config/realms': [
    action('create', { name: 'made', parentPath: '/', active: true, aliases: [] }, { as: 'administrator' }),
  ],
  'GET /json/global-config/realms/:id': asAdministrator({ names: { id: 'L2FscGhh' } }),
  'PUT /json/global-config/realms/:id': asAdministrator({
    names: { id: 'L2FscGhh' },
    body: { name: 'alpha', parentPath: '/', active: true, aliases: [] },
  }),
  'DELETE /json/global-config/realms/:id': asAdministrator({ names: { id: 'L21hZGU' }, isLast: true }),
  'GET /json/scripts': asAdministrator({ query: { ...FILTERED, _queryFilter: 'name eq "x"' } }),
  'POST /json/scripts': [action('create', script, { as: 'administrator' })],
  'GET /json/scripts/:id': asAdministrator({ names: { id: SCRIPT } }),
  'PUT /json/scripts/:id': asAdministrator({ names: { id: SCRIPT }, body: { ...script, name: 'Another' } }),
  'DELETE /json/scripts/:id': asAdministrator({ names: { id: SCRIPT }, isLast: true }),
  'GET /json/serverinfo/*': readOnly,
  'GET /json/serverinfo/page': [{ query: { locale: 'de' } }],
  'GET /json/serverinfo/cookieDomains': readOnly,
  'GET /json/serverinfo/version': asAdministrator(),
  'GET /json/health/live': readOnly,
  'GET /json/health/ready': readOnly,
  'HEAD /json/health/live': readOnly,
  'HEAD /json/health/ready': readOnly,
  'GET /json/metrics/api': asAdministrator({ query: FILTERED }),
  'GET /json/metrics/prometheus': asAdministrator(),
  'POST /json/push/sns/message': actions(['register', 'authenticate', 'refresh'], {
    messageId: 'REGISTER:00000000-0000-4000-8000-000000000000',
    jwt: 'a.b.c',
  }),
  'GET /json/push/trace': [
    { as: 'administrator', query: { user: 'ada', _pageSize: '2', _pagedResultsCookie: '1' } },
    { as: 'user', query: { user: 'ada' } },
  ],
  'GET /json/push/trace/:id': asAdministrator({ names: { id: `${NODE}.${'A'.repeat(22)}` } }),
  'GET /json/push/relay': [{ query: { mechanismUid: 'x' } }],
  'POST /json/push/relay': actions(['shown', 'pause'], { messageId: 'x' }, { query: { mechanismUid: 'x' } }),
  'GET /oauth2/.well-known/openid-configuration': readOnly,
  'HEAD /oauth2/.well-known/openid-configuration': readOnly,
  'GET /oauth2/.well-known/oauth-authorization-server': readOnly,
  'HEAD /oauth2/.well-known/oauth-authorization-server': readOnly,
  'GET /oauth2/connect/jwk_uri': readOnly,
  'HEAD /oauth2/connect/jwk_uri': readOnly,
  'GET /oauth2/connect/endSession': oauth,
  'POST /oauth2/connect/endSession': oauthForm,
  'GET /oauth2/authorize': oauth,
  'POST /oauth2/authorize': oauthForm,
  'POST /oauth2/access_token': oauthForm,
  'GET /oauth2/userinfo': oauth,
  'POST /oauth2/userinfo': oauthForm,
  'GET /oauth2/tokeninfo': [{ query: { access_token: 'a' } }],
  'POST /oauth2/token/revoke': oauthForm,
  'POST /oauth2/introspect': oauthForm,
  'POST /oauth2/par': [{ form: { client_id: 'a', redirect_uri: 'https://a.example', response_type: 'code' } }],
  'POST /oauth2/device/code': [{ form: { client_id: 'a', scope: 'openid', acr_values: 'push' } }],
  'GET /oauth2/device/user': [{ query: { user_code: 'ABCD-EFGH' } }],
  'POST /oauth2/device/user': [{ form: { user_code: 'ABCD-EFGH', decision: 'allow', csrf: 'a' } }],
  'GET /health/live': readOnly,
  'GET /health/ready': readOnly,
  'HEAD /health/live': readOnly,
  'HEAD /health/ready': readOnly,
  'GET /': [{ query: redirected }],
  'GET ': [{ query: redirected }],
  'GET /XUI': [{ query: redirected }],
  'GET /XUI/index.html': [{ query: redirected }],
  'GET /XUI/': [page, { ...page, query: { realm: '/nowhere' } }],
  'GET /XUI/assets/:name': [{ names: { name: 'x.js' } }],
  'GET /console': [{ query: redirected }],
  'GET /account': [{ as: 'page', query: redirected }],
  'GET /assets/:name': [{ names: { name: 'x.js' } }],
  'GET /login': [page, { ...page, query: { realm: '/nowhere' } }],
  'POST /login': loginForms,
  'POST /XUI/': loginForms,
  'GET /login/logo': [{ query: { realm: '/alpha', v: 'x' } }],
  'GET /phone': [{ query: redirected }],
  'GET /phone/': [{ query: redirected }],
  'GET /phone/application-server-key': readOnly,
  'GET /phone/:part': [{ names: { part: 'worker.js' } }],
};

/** The path of a route with names in their places, below `{am}`. */
export const pathOf = (pattern: string, names: Readonly<Record<string, string>>): string =>
  pattern.replace(/:(\w+)/g, (_, name: string) => names[name] ?? 'x');
