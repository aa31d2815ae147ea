import type { RealmSettings, ScriptDocument } from '@assent/engine';
import {
  type ClientDocument,
  FIRST_VERSION,
  type NodeDocument,
  type PublishedTree,
  type ServiceDocument,
  type StoredNode,
  settingsOfVersion,
  versionOfNode,
} from '@assent/engine/host';
import { emailTemplate, emailTemplateKey } from '@assent/nodes';
import {
  formatScript,
  givenVersion,
  isClientId,
  isDocumentRefusal,
  isJsonObject,
  type JsonObject,
  PROVIDER_TYPE,
  parseClient,
  parseProvider,
  parseScript,
  parseTreeExport,
} from '@assent/wire';
import { faultInShape } from '../journeys/journey-rules.ts';
import { webhook, webhookKey } from '../outbox/webhook.ts';
import { sorted } from '../realms/configuration-writes.ts';
import { newRealmSettings } from '../realms/realm-defaults.ts';
import { SERVICE_TYPES } from '../routes/configuration/service-types.ts';
import { innerNodesOf, type RealmContents } from './realm-contents.ts';
import { RealmFileRefused } from './realm-file-refused.ts';
import { checkName, realmRules } from './realm-rules.ts';
import { faultOfService } from './service-fault.ts';

const EMAIL = emailTemplateKey('');
const WEBHOOK = webhookKey('');

const withoutNull = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null && value !== undefined));

const withoutOwn = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !name.startsWith('_')));

const formatNode = ({ id, type, config }: NodeDocument): JsonObject => {
  const version = versionOfNode({ config });
  return {
    ...withoutNull(withoutOwn(config)),
    _id: id,
    _type: { _id: type, ...(version !== FIRST_VERSION && { version }) },
  };
};

const nodesById = (nodes: readonly NodeDocument[]): JsonObject =>
  Object.fromEntries(nodes.map((node) => [node.id, formatNode(node)]));

const formatTree = ({ name, tree, nodes }: RealmContents['trees'][number]): JsonObject => {
  const inner = innerNodesOf(nodes);
  const all = Object.values(nodes);
  return {
    tree: { ...withoutNull(tree), _id: name },
    nodes: nodesById(all.filter(({ id }) => !inner.has(id))),
    innerNodes: nodesById(all.filter(({ id }) => inner.has(id))),
  };
};

const formatSettings = ({ realm: _, ...settings }: RealmSettings): JsonObject => settings;

/**
 * A realm as a file has it, with all secrets that can be told: members are named as frodo names them, and documents are as AM's REST has them,
 * so that the checks and imports of journeys and clients take the file, too.
 */
export const bodyOf = ({ settings, services, scripts, trees, nodes, clients }: RealmContents): JsonObject => {
  const named = (prefix: string) =>
    Object.fromEntries(
      services.flatMap(({ type, config }) =>
        type.startsWith(prefix) ? [[type.slice(prefix.length), { ...config, _id: type.slice(prefix.length) }]] : [],
      ),
    );
  const own = services.filter(({ type }) => !type.startsWith(EMAIL) && !type.startsWith(WEBHOOK));
  const body = {
    realm: formatSettings(settings),
    service: Object.fromEntries(own.map(({ type, config }) => [type, { ...config, _type: { _id: type } }])),
    emailTemplate: named(EMAIL),
    webhook: named(WEBHOOK),
    script: Object.fromEntries(scripts.map(({ realm: _, ...it }) => [it.id, scriptBody(it)])),
    trees: Object.fromEntries(trees.map((tree) => [tree.name, formatTree(tree)])),
    nodes: nodesById(nodes),
    application: Object.fromEntries(clients.map(({ id, document }) => [id, { ...document, _id: id }])),
  };
  return sorted(body) as JsonObject;
};

const scriptBody = (script: Omit<ScriptDocument, 'realm'>): JsonObject => {
  const { _rev, ...said } = formatScript({ ...script, realm: '' }, '');
  return said;
};

const objectsOf = (body: JsonObject, member: string): readonly (readonly [name: string, object: JsonObject])[] => {
  const given = body[member] ?? {};
  if (!isJsonObject(given)) throw new RealmFileRefused(`${member} has to be an object.`);
  return Object.entries(given).map(([name, object]) => {
    if (!isJsonObject(object)) throw new RealmFileRefused(`${member}.${name} has to be an object.`);
    return [name, object];
  });
};

interface Parsed {
  readonly success: boolean;
  readonly data?: unknown;
  readonly error?: {
    readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
  };
}

const checked = (place: string, { success, data, error }: Parsed): JsonObject => {
  if (success) return data as JsonObject;
  const [issue] = error?.issues ?? [];
  throw new RealmFileRefused(`${[place, ...(issue?.path ?? []).map(String)].join('.')}: ${issue?.message ?? ''}`);
};

/** A kind of value, as far as the settings of a realm have kinds. */
const kindOf = (value: unknown): string => (Array.isArray(value) ? 'list' : typeof value);

const settingsOf = (realm: string, body: JsonObject): RealmSettings => {
  if (!isJsonObject(body.realm)) throw new RealmFileRefused('realm has to be an object of settings.');
  const { kept, ...given } = body.realm;
  const usual = newRealmSettings(realm, 'http://localhost') as unknown as JsonObject;
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(usual, name) || name === 'realm') throw new RealmFileRefused(`realm.${name} is no setting.`);
    const kind = kindOf(usual[name]);
    if (kindOf(value) !== kind) throw new RealmFileRefused(`realm.${name} has to be a ${kind}.`);
  }
  const missing = Object.keys(usual).find((name) => name !== 'realm' && !Object.hasOwn(given, name));
  if (missing !== undefined) throw new RealmFileRefused(`realm.${missing} is missing.`);
  if (kept !== undefined && !isJsonObject(kept)) throw new RealmFileRefused('realm.kept has to be an object.');
  if (realm === '/' && given.active === false) throw new RealmFileRefused('realm.active: the root realm stays active.');
  const settings = { ...given, ...(kept !== undefined && { kept }), realm } as unknown as RealmSettings;
  checked('realm', realmRules.safeParse(settings));
  for (const { inRealm, schema } of SERVICE_TYPES) {
    if (inRealm !== undefined) checked('realm', schema.safeParse(inRealm.read(settings)));
  }
  return settings;
};

const serviceOf = (realm: string, type: string, object: JsonObject): ServiceDocument => {
  const config = withoutOwn(object);
  const known = SERVICE_TYPES.find(({ id, inRealm }) => id === type && inRealm === undefined);
  if (known !== undefined) {
    const fault = faultOfService(known, config);
    if (fault !== undefined) throw new RealmFileRefused(`service.${type}.${fault}`);
    return { realm, type, config };
  }
  if (type !== PROVIDER_TYPE._id) throw new RealmFileRefused(`service.${type} is no service of this server.`);
  const provider = parseProvider(config);
  if (isDocumentRefusal(provider)) throw new RealmFileRefused(`service.${type}: ${provider.reason}`);
  return { realm, type, config };
};

const clientOf = (realm: string, id: string, object: JsonObject): ClientDocument => {
  const client = parseClient(object);
  if (!isClientId(id)) throw new RealmFileRefused(`application.${id}: it cannot be the id of a client.`);
  if ('reason' in client) throw new RealmFileRefused(`application.${id}: ${client.reason}`);
  return { realm, id, document: client.document };
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const timeOf = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);

const scriptOf = (realm: string, id: string, object: JsonObject): ScriptDocument => {
  checkName('script', id);
  const script = parseScript(object);
  if ('reason' in script) throw new RealmFileRefused(`script.${id}: ${script.reason}`);
  return {
    ...script,
    realm,
    id,
    createdBy: textOf(object.createdBy),
    creationDate: timeOf(object.creationDate),
    lastModifiedBy: textOf(object.lastModifiedBy),
    lastModifiedDate: timeOf(object.lastModifiedDate),
  };
};

const treesOf = (realm: string, body: JsonObject): readonly Omit<PublishedTree, 'version'>[] => {
  const trees = parseTreeExport({ trees: body.trees ?? {} });
  if ('reason' in trees) throw new RealmFileRefused(trees.reason);
  for (const { name, tree, nodes } of trees) {
    checkName('trees', name);
    for (const id of Object.keys(nodes)) checkName('nodes', id);
    const fault = faultInShape(tree, (id) => (Object.hasOwn(nodes, id) ? nodes[id]?.type : undefined));
    if (fault !== undefined) throw new RealmFileRefused(`trees.${name}: ${fault.reason}`);
  }
  return trees.map(({ name, tree, nodes }) => ({ realm, name, tree, nodes }));
};

const nodeOf = (realm: string, id: string, { _id, _type, ...config }: JsonObject): StoredNode => {
  checkName('nodes', id);
  const type = isJsonObject(_type) ? _type._id : undefined;
  if (typeof type !== 'string') throw new RealmFileRefused(`nodes.${id}: _type._id has to name the type of the node.`);
  const version = givenVersion({ _type });
  if (typeof version === 'object') throw new RealmFileRefused(`nodes.${id}: ${version.reason}`);
  return {
    realm,
    id,
    type,
    config: settingsOfVersion({ type, version: version ?? FIRST_VERSION }, withoutNull(config)),
  };
};

/** Reads what {@link bodyOf} has made, for a realm of that path. Throws {@link RealmFileRefused}. */
export const contentsOfBody = (body: JsonObject, realm: string): RealmContents => {
  const scripts = objectsOf(body, 'script').map(([id, it]) => scriptOf(realm, id, it));
  if (new Set(scripts.map(({ name }) => name)).size < scripts.length) {
    throw new RealmFileRefused('script: two scripts have the same name.');
  }
  return {
    settings: settingsOf(realm, body),
    services: [
      ...objectsOf(body, 'service').map(([type, it]) => serviceOf(realm, type, it)),
      ...objectsOf(body, 'emailTemplate').map(([name, it]) => {
        checkName('emailTemplate', name);
        const config = withoutOwn(it);
        checked(`emailTemplate.${name}`, emailTemplate.safeParse(config));
        return { realm, type: emailTemplateKey(name), config };
      }),
      ...objectsOf(body, 'webhook').map(([name, it]) => {
        checkName('webhook', name);
        const config = withoutOwn(it);
        checked(`webhook.${name}`, webhook.safeParse(config));
        return { realm, type: webhookKey(name), config };
      }),
    ],
    scripts,
    trees: treesOf(realm, body),
    nodes: objectsOf(body, 'nodes').map(([id, it]) => nodeOf(realm, id, it)),
    clients: objectsOf(body, 'application').map(([id, it]) => clientOf(realm, id, it)),
  };
};
