import { formatQueryResult, isJsonObject, type JsonObject } from '@assent/wire';
import { administered, administeredAtRoot, type CallerPorts } from '../../authorization/administration.ts';
import { type Answer, type Call, type Handler, ok, type Routes, unsupportedAction } from '../../http/call.ts';
import { NOT_SUPPORTED } from '../../http/json-api.ts';
import { contentRevision } from '../../realms/configuration-writes.ts';

/** Collections of a realm that are read by a query. */
const REALM_QUERIES = [
  'applications',
  'applicationtypes',
  'conditiontypes',
  'decisioncombiners',
  'policies',
  'realm-config/agents/:type',
  'realm-config/authentication/chains',
  'realm-config/authentication/modules/:type',
  'realm-config/federation/circlesoftrust',
  'realm-config/federation/entityproviders/:type',
  'realm-config/saml2',
  'resourcetypes',
  'subjectattributes',
  'subjecttypes',
];

/** Collections of a realm that are read by the action `nextdescendents`. */
const REALM_DESCENDENTS = [
  'realm-config/agents',
  'realm-config/agents/groups',
  'realm-config/authentication/modules',
  'realm-config/secrets',
  'realm-config/secrets/stores',
  'realm-config/services/SocialIdentityProviders',
];

const GLOBAL_QUERIES = [
  'global-config/servers',
  'global-config/services/scripting/contexts',
  'global-config/sites',
  'node-designer/node-type',
];

const GLOBAL_DESCENDENTS = [
  'global-config/agents',
  'global-config/authentication/modules',
  'global-config/secrets',
  'global-config/secrets/stores',
  'global-config/services',
];

/** Single resources of the whole server, with what AM calls their type. */
const GLOBAL_SETTINGS: Readonly<Record<string, string>> = {
  'global-config/authentication': 'Core',
  'global-config/authentication/authenticationtrees': 'Authentication Trees Configuration',
  'global-config/authentication/chains': 'Authentication Configuration',
  'global-config/servers/server-default/properties/:group': 'Default Server Settings',
  'global-config/webhooks': 'Webhook Service',
};

const settingsOf = (name: string): JsonObject => ({
  _id: '',
  _rev: contentRevision(name),
  _type: { _id: 'EMPTY', name, collection: false },
});

/**
 * What AM has and this server does not: lists are empty, and so are settings, since an export of everything reads them all and
 * breaks off at the first that is missing. What is empty can be written as it was read, and nothing else.
 */
export const absentConfigurationRoutes = (ports: CallerPorts): Routes => {
  const inRealm = administered(ports, 'journeys');
  const asRoot = administeredAtRoot(ports, 'settings');
  const none = () => ok(formatQueryResult([]));
  const noDescendents = ({ query }: Call): Answer =>
    query._action === 'nextdescendents' ? ok({ result: [] }) : unsupportedAction(['nextdescendents']);
  const writtenAsRead = (name: string, { body }: Call): Answer =>
    isJsonObject(body) && Object.keys(body).every((member) => member.startsWith('_'))
      ? ok(settingsOf(name))
      : { status: 404, body: NOT_SUPPORTED };
  const routes = (method: string, paths: readonly string[], handler: Handler): Routes =>
    Object.fromEntries(paths.map((path) => [`${method} ${path}`, handler]));
  return {
    ...routes(
      'GET',
      REALM_QUERIES,
      inRealm(async () => none()),
    ),
    ...routes(
      'POST',
      REALM_DESCENDENTS,
      inRealm(async (call) => noDescendents(call)),
    ),
    ...routes(
      'GET',
      GLOBAL_QUERIES,
      asRoot(async () => none()),
    ),
    ...routes(
      'POST',
      GLOBAL_DESCENDENTS,
      asRoot(async (call) => noDescendents(call)),
    ),
    ...Object.fromEntries(
      Object.entries(GLOBAL_SETTINGS).flatMap(([path, name]) => [
        [`GET ${path}`, asRoot(async () => ok(settingsOf(name)))],
        [`PUT ${path}`, asRoot(async (call) => writtenAsRead(name, call))],
      ]),
    ),
  };
};
