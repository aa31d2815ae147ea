import { randomUUID } from 'node:crypto';
import { type AsAdministrator, signInAdministrator } from '../support/administrator.ts';
import { realmPath } from '../support/realm-path.ts';
import type { ServerProcess } from '../support/server-process.ts';
import type { WireAnswer } from '../support/wire.ts';
import { JOURNEYS, SCRIPTS, type SuiteJourney, type SuiteNode } from './journeys.ts';

/** Where the test apps of the suites are served; their specs name these addresses. */
export const APP_ORIGINS = ['http://localhost:5829', 'http://localhost:8443'] as const;

const REDIRECTS = ['_callback/', 'src/_callback/', 'src/authn-central-login/', 'ping-am/', 'par/'].map(
  (path) => `http://localhost:8443/${path}`,
);
const CLIENTS = ['WebOAuthClient', 'CentralLoginOAuthClient', 'ParClient'];
const USER = { username: 'sdkuser', userpassword: 'password', mail: 'sdkuser@example.com' };
const NAME = { givenName: 'Sdk', sn: 'User', cn: 'Sdk User' };

const ENDS: Readonly<Record<string, string>> = {
  Success: '70e691a5-1e33-4ac3-a356-e7b6d60d92e0',
  Failure: 'e301438c-0bd0-429c-ab0c-66126501069a',
};

const TERMS =
  'Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore magna aliqua. Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris nisi ut aliquip ex ea commodo consequat. Duis aute irure dolor in reprehenderit in voluptate velit esse cillum dolore eu fugiat nulla pariatur. Excepteur sint occaecat cupidatat non proident, sunt in culpa qui officia deserunt mollit anim id est laborum.';

const QUESTIONS = {
  1: { en: "What's your favorite color?" },
  2: { en: 'Who was your first employer?' },
};

/** What the gateway before the resources of the specs asks for: the journey once for a session, and once for each access. */
const POLICIES = [
  {
    name: 'tree',
    applicationName: 'TreeBasedPolicy',
    resources: ['http://localhost:9443/resource/ig/authz-by-tree'],
    condition: { type: 'AuthenticateToService', authenticateToService: 'ConfirmPassword' },
  },
  {
    name: 'transaction',
    applicationName: 'TxnBasedPolicy',
    resources: ['http://localhost:9443/resource/*/authz-by-txn'],
    condition: {
      type: 'Transaction',
      authenticationStrategy: 'AuthenticateToTreeConditionAdvice',
      strategySpecifier: 'ConfirmPassword',
    },
  },
];

/** What a realm of the suites needs beyond its journeys. */
export interface SuiteRealm {
  readonly path: string;
  /** The address of the login page, as `customLoginUrlTemplate`. */
  readonly loginPage: string;
  /** Seconds; that of the server where absent. */
  readonly accessTokenLifetime?: number;
}

const accepted = ({ status, body }: WireAnswer, what: string): WireAnswer => {
  if (status > 201) throw new Error(`${what} was refused with ${status}: ${JSON.stringify(body)}`);
  return { status, body, headers: {} };
};

/** Publishes journeys over REST, as a designer's program does. */
const publish = async (put: (path: string, body: object) => Promise<unknown>): Promise<void> => {
  const scripts = new Map<string, string>();
  for (const [name, text] of Object.entries(SCRIPTS)) {
    const id = randomUUID();
    scripts.set(name, id);
    await put(`scripts/${id}`, {
      name,
      language: 'JAVASCRIPT',
      context: 'SCRIPTED_DECISION_NODE',
      evaluatorVersion: '2.0',
      script: Buffer.from(text).toString('base64'),
    });
  }
  const trees = 'realm-config/authentication/authenticationtrees';
  const putNode = async ({ type, config = {}, inside = [] }: SuiteNode, id: string): Promise<void> => {
    const children: object[] = [];
    for (const child of inside) {
      const childId = randomUUID();
      await putNode(child, childId);
      children.push({ _id: childId, nodeType: child.type, displayName: child.type });
    }
    const script = typeof config.script === 'string' ? { script: scripts.get(config.script) } : {};
    const nodes = inside.length > 0 ? { nodes: children } : {};
    await put(`${trees}/nodes/${type}/${id}`, { ...config, ...script, ...nodes });
  };
  const putJourney = async (name: string, { entry, nodes }: SuiteJourney): Promise<void> => {
    const ids = new Map(Object.keys(nodes).map((key) => [key, randomUUID()]));
    const idOf = (key: string): string => ids.get(key) ?? ENDS[key] ?? key;
    for (const [key, node] of Object.entries(nodes)) await putNode(node, idOf(key));
    await put(`${trees}/trees/${name}`, {
      entryNodeId: idOf(entry),
      nodes: Object.fromEntries(
        Object.entries(nodes).map(([key, { type, to = {} }]) => [
          idOf(key),
          {
            nodeType: type,
            displayName: key,
            connections: Object.fromEntries(Object.entries(to).map(([outcome, next]) => [outcome, idOf(next)])),
          },
        ]),
      ),
    });
  };
  for (const [name, journey] of Object.entries(JOURNEYS)) await putJourney(name, journey);
};

/** Fills a realm with the journeys, the clients and the user of the suites. */
export const fillRealm = async (server: ServerProcess, am: string, realm: SuiteRealm): Promise<void> => {
  const administer: AsAdministrator = await signInAdministrator({ am, administrator: server.administrator });
  if (realm.path !== '/') {
    const name = realm.path.slice(1);
    const made = await administer('POST', '/json/global-config/realms?_action=create', { name, parentPath: '/' });
    accepted(made, `realm ${realm.path}`);
  }
  const put = async (path: string, body: object): Promise<unknown> =>
    accepted(await administer('PUT', `${realmPath(realm.path)}/${path}`, body), `${realm.path} ${path}`);

  await put('realm-config/services/assent', {
    corsOrigins: APP_ORIGINS,
    corsAcceptedHeaders: [
      ...['accept', 'accept-api-version', 'accept-language', 'content-type', 'authorization', 'x-requested-with'],
      ...['x-requested-platform', 'iplanetdirectorypro'],
      ...[
        'start-authenticate',
        'authenticate',
        'exchange-token',
        'userinfo',
        'logout',
        'revoke-token',
        'end-session',
      ].map((name) => `x-${name}-middleware`),
    ],
    passwordBlocklist: false,
    policies: POLICIES,
  });
  await put('realm-config/services/validation', { validGotoDestinations: APP_ORIGINS.map((origin) => `${origin}/*`) });
  await put('realm-config/services/email', {
    hostname: 'localhost',
    port: 25,
    sslState: 'Non SSL',
    from: 'assent@example.com',
  });
  await put('realm-config/services/selfservice.kba', { questions: QUESTIONS, minimumAnswersToDefine: 2 });
  await put('realm-config/services/selfservice.terms', {
    active: '0.0',
    versions: [{ version: '0.0', termsTranslations: { en: TERMS }, createDate: '2020-01-01T00:00:00.000Z' }],
  });
  await publish(put);
  await put('realm-config/services/oauth-oidc', {
    coreOAuth2Config: {
      ...(realm.accessTokenLifetime !== undefined && { accessTokenLifetime: realm.accessTokenLifetime }),
    },
    advancedOAuth2Config: {
      customLoginUrlTemplate: realm.loginPage,
      supportedScopes: ['openid', 'profile', 'email', 'me.read'],
    },
    advancedOIDCConfig: {
      loaMapping: Object.fromEntries(['SpecificTree', 'skipBackgroundRequest'].map((name) => [name, name])),
    },
  });
  for (const client of CLIENTS) {
    await put(`realm-config/agents/OAuth2Client/${client}`, {
      coreOAuth2ClientConfig: {
        clientType: 'Public',
        redirectionUris: REDIRECTS,
        scopes: ['openid', 'profile', 'email', 'me.read'],
      },
      advancedOAuth2ClientConfig: {
        grantTypes: ['authorization_code', 'refresh_token'],
        responseTypes: ['code', 'id_token', 'none'],
        tokenEndpointAuthMethod: 'none',
        isConsentImplied: true,
      },
    });
  }
  const users = `${realmPath(realm.path)}/users?_action=create`;
  accepted(await administer('POST', users, { ...USER, ...NAME }), `user ${USER.username}`);
};
