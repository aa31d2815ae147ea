import type { NodeDefinition } from '@assent/engine';
import {
  type AuditEvent,
  type ConfigurationChange,
  type NodeDocument,
  type PlaceholderValues,
  type PublishedTree,
  placeholdersIn,
  placeholdersWithoutDefault,
  type StoredNode,
} from '@assent/engine/host';
import { isJsonObject, type JsonObject, PROVIDER_TYPE } from '@assent/wire';
import { treeOfAcrIn } from '../clients/acr-classes.ts';
import { newAcrProblems } from '../clients/acr-problems.ts';
import { savedClient } from '../clients/client-changes.ts';
import { newLevelProblems } from '../journeys/level-journeys.ts';
import { type ConfigurationActor, eventBy } from '../realms/configuration-actor.ts';
import { contentRevision } from '../realms/configuration-writes.ts';
import { SERVICE_TYPES } from '../routes/configuration/service-types.ts';
import { obstacleIn } from '../routes/trees/trees.ts';
import { bodyOf, contentsOfBody } from './realm-body.ts';
import type { RealmContents } from './realm-contents.ts';
import type { RealmFile } from './realm-file.ts';
import { RealmFileRefused } from './realm-file-refused.ts';
import { pathOf, pointerOf, secretValuesOf, valueAt, withValueAt } from './secret-values.ts';
import { faultOfService } from './service-fault.ts';

/** What becomes of one document of the realm. */
interface PlannedDocument {
  /** `trees Login`, `service fcm` */
  readonly name: string;
  readonly becomes: 'created' | 'changed' | 'same';
}

/** What an import would do. */
export interface RealmPlan {
  readonly documents: readonly PlannedDocument[];
  /** What is there and not in the file; it stays. */
  readonly kept: readonly string[];
  /** Secrets to be set, as JSON pointers; a service that does not work without one is not created. */
  readonly toSet: readonly string[];
  /** Secrets that the realm has already, and keeps. */
  readonly keptSecrets: readonly string[];
  /** Services that cannot be without a secret to be set, or that this server does not have: they are left out. */
  readonly leftOut: readonly string[];
  /** Types of nodes that this server does not have, each with one node of that type. */
  readonly unknownTypes: readonly { readonly type: string; readonly nodeId: string }[];
  /** Names in `&{…}` that have neither a value here nor a default in the file. */
  readonly missingValues: readonly string[];
  /** Names that have one, which the author of the file may use from then on. */
  readonly usedValues: readonly string[];
  /** Names of secrets that the realm may not use here: what names them fails until the operator allows it. */
  readonly withheldValues: readonly string[];
  readonly change: Omit<ConfigurationChange, 'type' | 'seenVersion'>;
  readonly events: readonly AuditEvent[];
}

interface PlanOptions {
  /** Where the realm is to be. */
  readonly realm: string;
  /** What is there of it; undefined where it is to be created. */
  readonly there: RealmContents | undefined;
  readonly catalogue: ReadonlyMap<string, NodeDefinition>;
  readonly valueFor: PlaceholderValues;
  readonly actor: ConfigurationActor;
}

const COLLECTIONS = ['service', 'emailTemplate', 'webhook', 'script', 'trees', 'nodes', 'application'] as const;

const namesIn = (body: JsonObject, member: string): readonly string[] => {
  const object = body[member];
  return isJsonObject(object) ? Object.keys(object) : [];
};

/** Puts the secrets into the body that the realm has already, where they go to the same place as before (SEC-72). */
const withKeptSecrets = (file: RealmFile, there: JsonObject, catalogue: PlanOptions['catalogue']) => {
  const keptSecrets: string[] = [];
  let body = file.body;
  for (const { pointer, value, goesWith } of secretValuesOf(there, catalogue)) {
    const path = pathOf(pointer);
    if (!file.leftOut.includes(pointer) || valueAt(body, path) !== undefined) continue;
    const isForAnother = goesWith.some(
      (other) => contentRevision([valueAt(body, pathOf(other))]) !== contentRevision([valueAt(there, pathOf(other))]),
    );
    if (isForAnother) continue;
    body = withValueAt(body, path, value);
    keptSecrets.push(pointer);
  }
  return { body, keptSecrets };
};

/** Services whose settings do not hold without a secret that is to be set, and those that this server does not have. */
const unusableServices = (body: JsonObject, toSet: readonly string[]): readonly string[] =>
  namesIn(body, 'service').filter((type) => {
    if (type === PROVIDER_TYPE._id) return false;
    const known = SERVICE_TYPES.find(({ id }) => id === type);
    if (known === undefined) return true;
    const isWanting = toSet.some((at) => at.startsWith(`${pointerOf(['service', type])}/`));
    const { _type, ...config } = (valueAt(body, ['service', type]) ?? {}) as JsonObject;
    return isWanting && faultOfService(known, config) !== undefined;
  });

const compared = (body: JsonObject, there: JsonObject | undefined): readonly PlannedDocument[] => {
  const pairs: readonly (readonly [name: string, path: readonly string[]])[] = [
    ['realm', ['realm']],
    ...COLLECTIONS.flatMap((member) =>
      namesIn(body, member).map((name) => [`${member} ${name}`, [member, name]] as const),
    ),
  ];
  return pairs.map(([name, path]) => {
    const before = there && valueAt(there, path);
    if (before === undefined) return { name, becomes: 'created' };
    return { name, becomes: contentRevision([before]) === contentRevision([valueAt(body, path)]) ? 'same' : 'changed' };
  });
};

const nodesOf = ({ trees, nodes }: Pick<RealmContents, 'trees' | 'nodes'>): readonly NodeDocument[] => [
  ...trees.flatMap((tree) => Object.values(tree.nodes)),
  ...nodes,
];

const unknownTypesOf = (contents: RealmContents, catalogue: PlanOptions['catalogue']): RealmPlan['unknownTypes'] => {
  const unknown = nodesOf(contents).filter(({ type }) => !catalogue.has(type));
  return [...new Map(unknown.map(({ type, id }) => [type, { type, nodeId: id }])).values()];
};

/** Trees that are there and not in the file, with nodes of the file in them: they run with these from now on, too. */
const alsoMoved = (
  there: RealmContents | undefined,
  putNodes: readonly StoredNode[],
  published: ReadonlySet<string>,
): readonly Omit<PublishedTree, 'version'>[] => {
  const byId = new Map(putNodes.map(({ realm: _, ...node }) => [node.id, node]));
  return (there?.trees ?? [])
    .filter(({ name, nodes }) => !published.has(name) && Object.keys(nodes).some((id) => byId.has(id)))
    .map(({ realm, name, tree, nodes }) => ({
      realm,
      name,
      tree,
      nodes: Object.fromEntries(Object.entries(nodes).map(([id, node]) => [id, byId.get(id) ?? node])),
    }));
};

/** Administrators sign in by one tree of the root realm: without it nobody could put it back. */
const refuseLockOut = ({ settings, trees }: RealmContents, there: RealmContents | undefined): void => {
  const { realm, adminTree } = settings;
  if (realm !== '/' || there === undefined) return;
  const named = [...trees, ...there.trees].find(({ name }) => name === adminTree);
  const obstacle = named === undefined ? 'it is not there' : obstacleIn(named.tree);
  // Where nobody can sign in already, it is not this file that takes that away.
  const isAsBefore = adminTree === there.settings.adminTree && !trees.some(({ name }) => name === adminTree);
  if (obstacle === undefined || isAsBefore) return;
  throw new RealmFileRefused(
    `realm.adminTree: administrators sign in by the tree ${adminTree}, which could not be started (${obstacle}).`,
  );
};

/** A class of sign-in, or a level, gets no journey from a file that does not prove it on every path; what the realm has already stays (SEC-85). */
const refuseUnprovenClasses = (
  { services, settings, trees }: RealmContents,
  there: RealmContents | undefined,
  { catalogue, valueFor }: Pick<PlanOptions, 'catalogue' | 'valueFor'>,
): void => {
  const mapped = (of: RealmContents['services'] = []) =>
    treeOfAcrIn((of.find(({ type }) => type === PROVIDER_TYPE._id)?.config ?? {}) as JsonObject);
  const names = new Set(trees.map(({ name }) => name));
  const then = [...trees, ...(there?.trees ?? []).filter(({ name }) => !names.has(name))];
  const reading = { catalogue, placeholderValue: valueFor };
  const [unproven] = newAcrProblems(then, mapped(services), mapped(there?.services), reading);
  if (unproven !== undefined) {
    throw new RealmFileRefused(`service.${PROVIDER_TYPE._id}: ${unproven.message} ${unproven.fix}`);
  }
  const before = there?.settings.authLevelJourneys ?? {};
  const [unreached] = newLevelProblems(then, settings.authLevelJourneys, before, reading);
  if (unreached !== undefined) {
    throw new RealmFileRefused(`realm.authLevelJourneys: ${unreached.message} ${unreached.fix}`);
  }
};

/** What an import of the file does to the realm: decided before anything is changed. Throws `RealmFileRefused`. */
export const planRealmImport = (file: RealmFile, options: PlanOptions): RealmPlan => {
  const { realm, there, catalogue, valueFor, actor } = options;
  const before = there && bodyOf(there);
  const { body: whole, keptSecrets } = withKeptSecrets(file, before ?? {}, catalogue);
  const wanting = file.leftOut.filter((pointer) => valueAt(whole, pathOf(pointer)) === undefined);
  const digests = new Map((there?.clients ?? []).map(({ id, secretDigest }) => [id, secretDigest]));
  const toSet = wanting.filter((at) => !isSecretOfClient(at) || digests.get(pathOf(at)[1] ?? '') === undefined);
  const leftOut = unusableServices(whole, toSet);
  const body = leftOut.reduce((rest, type) => withValueAt(rest, ['service', type], undefined), whole);
  const contents = contentsOfBody(body, realm);
  refuseLockOut(contents, there);
  refuseNamesakes(contents, there);
  refuseUnprovenClasses(contents, there, options);
  const documents = compared(bodyOf(contents), before);
  const isWritten = new Set(documents.filter(({ becomes }) => becomes !== 'same').map(({ name }) => name));
  const clients = contents.clients
    .filter(({ id }) => isWritten.has(`application ${id}`))
    .map((client) => {
      const secretDigest = digests.get(client.id);
      const stored = there?.clients.find(({ id }) => id === client.id);
      return savedClient(stored, { ...client, ...(secretDigest !== undefined && { secretDigest }) }, actor);
    });
  const trees = contents.trees.filter(({ name }) => isWritten.has(`trees ${name}`));
  const putNodes = nodesOf({ trees, nodes: contents.nodes.filter(({ id }) => isWritten.has(`nodes ${id}`)) }).map(
    (node): StoredNode => ({ ...node, realm }),
  );
  const named = [...placeholdersIn(body)].sort();
  const needed = new Set(placeholdersWithoutDefault(body));
  const others = before === undefined ? [] : COLLECTIONS.flatMap((member) => leftThere(body, before, member));
  return {
    documents,
    kept: others,
    toSet,
    keptSecrets,
    leftOut,
    unknownTypes: unknownTypesOf(contents, catalogue),
    missingValues: named.filter((name) => needed.has(name) && valueFor(name) === undefined),
    usedValues: named.filter((name) => ['plain', 'secret'].includes(valueFor(name)?.kind ?? '')),
    withheldValues: named.filter((name) => valueFor(name)?.kind === 'withheld'),
    change: {
      ...(there === undefined && { createRealm: contents.settings }),
      ...(there !== undefined && isWritten.has('realm') && { putRealm: contents.settings }),
      putServices: contents.services.filter(({ type }) => isWritten.has(nameOfService(type))),
      putScripts: contents.scripts.filter(({ id }) => isWritten.has(`script ${id}`)),
      putNodes,
      publishTrees: [...trees, ...alsoMoved(there, putNodes, new Set(trees.map(({ name }) => name)))],
      putClients: clients.flatMap(({ change }) => change.putClients ?? []),
    },
    events: [eventOf(actor, realm, isWritten.size), ...clients.flatMap(({ events }) => events)],
  };
};

/** Nodes know scripts by their id, and people by their name: which of two is meant is for people to say. */
const refuseNamesakes = ({ scripts }: RealmContents, there: RealmContents | undefined): void => {
  for (const { id, name } of scripts) {
    const other = there?.scripts.find((it) => it.name === name && it.id !== id);
    if (other !== undefined)
      throw new RealmFileRefused(
        `script.${id}: the realm has another script of the name ${name}, with the id ${other.id}. Rename or delete that one first.`,
      );
  }
};

const isSecretOfClient = (pointer: string): boolean => pointer.endsWith('/userpassword');

const nameOfService = (type: string): string => {
  const [kind = '', ...name] = type.split('/');
  return name.length === 0 ? `service ${type}` : `${kind} ${name.join('/')}`;
};

const leftThere = (body: JsonObject, before: JsonObject, member: string): readonly string[] => {
  const inFile = new Set(namesIn(body, member));
  return namesIn(before, member)
    .filter((name) => !inFile.has(name))
    .map((name) => `${member} ${name}`);
};

const eventOf = (actor: ConfigurationActor, realm: string, documents: number): AuditEvent =>
  eventBy(actor, { event: 'REALM_IMPORT', realm, outcome: realm, detail: { documents } });
