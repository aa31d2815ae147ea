const TREES = 'realm-config/authentication/authenticationtrees/trees';
const NODES = 'realm-config/authentication/authenticationtrees/nodes';
const NODE = '7354982f-57b6-4b04-9ddc-f1dd1e1e07d0';
const PAGE = '2c1f0a5e-5d0e-4f0c-9a57-0d6d0f3b8a11';
const SCRIPT = '01e1a3c0-038b-4c16-956a-6c9d89328cff';

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

export interface AdministrativeChange {
  readonly path: string;
  readonly body?: object | undefined;
  /** The row that it leaves. */
  readonly event: string;
  readonly outcome?: string;
  /** Whom it is about, where that is not who has done it: then the row says by whom. */
  readonly about?: 'a user';
}

const change = (
  path: string,
  event: string,
  more: Omit<AdministrativeChange, 'path' | 'event'> = {},
): AdministrativeChange => ({
  path,
  event,
  ...more,
});

/**
 * What each route of administration changes, in an order in which each finds what it needs. A new route needs an entry: the walk over the audit log and
 * the races of administrators are made from this list.
 */
export const ADMINISTRATIVE_CHANGES: Readonly<Record<string, readonly AdministrativeChange[]>> = {
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
export const BY_USERS = [
  'POST /json/authenticate',
  'POST /json/authenticate/renotify',
  'POST /json/policies',
  'POST /json/push/sns/message',
  'POST /json/push/relay',
  'POST /json/users/:user/oauth2/applications',
  'DELETE /json/users/:user/oauth2/applications/:client',
  'PUT /json/users/:user/devices/profile/:id',
  'DELETE /json/users/:user/devices/profile/:id',
];

/** Leaves two rows: that somebody has approved, and what they have approved (four-eyes.test.ts). */
export const BY_TWO = ['POST /json/realm-config/proposals/:id'];

/** Routes that change nothing: they read by an action, or are of what AM has and this server has not. */
export const CHANGING_NOTHING = [
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
