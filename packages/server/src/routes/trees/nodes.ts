import { isDeepStrictEqual } from 'node:util';
import type { NodeDefinition } from '@assent/engine';
import {
  defaultSettings,
  definitionInVersion,
  FAILURE,
  FIRST_VERSION,
  isNodeVersion,
  type NodeDocument,
  type StoredNode,
  SUCCESS,
  secretAskedAgain,
  secretSettings,
  settingsOfVersion,
  type TreeFinding,
  versionOfNode,
} from '@assent/engine/host';
import {
  type ConfigurationRefusal,
  formatNode,
  formatNodeSchema,
  formatNodeTemplate,
  formatNodeType,
  formatOutcomes,
  formatPaletteEntry,
  givenMembers,
  givenVersion,
  isJsonObject,
  type JsonObject,
  JsonText,
  unknownMembers,
} from '@assent/wire';
import { type Caller, NOT_FOUND } from '../../authorization/administration.ts';
import { type Reader, readerOf, shownTo } from '../../authorization/reader.ts';
import { type Answer, actionOf, type Call, isImport, ok, type Routes, unsupportedAction } from '../../http/call.ts';
import { etagOf, saved } from '../../http/conditions.ts';
import { answerQuery, inTurns, writtenInTurns } from '../../http/configuration-query.ts';
import { faultInNode, faultOfNode, missingValues } from '../../journeys/journey-rules.ts';
import type { RealmJourneys } from '../../journeys/realm-journeys.ts';
import { contentRevision } from '../../realms/configuration-writes.ts';
import { checkChangeSize, sizeOfDocument } from '../../realms/realm-quota.ts';
import {
  type CheckedAnswer,
  changeOf,
  decidedChange,
  failedCondition,
  findingsIn,
  forJourneyAdministrators,
  type JourneyConfigurationOptions,
  logFindings,
  NOT_FOUND_HERE,
  refuse,
  refuseInput,
  viewOf,
} from './journey-configuration.ts';

const BASE = 'realm-config/authentication/authenticationtrees/nodes';
/** What a journey proves on its paths: settings of one node decide it, and the finding is about the tree as a whole. */
const WHAT_PATHS_PROVE: ReadonlySet<TreeFinding['code']> = new Set(['J22', 'J24', 'J25']);

/** Ids are UUIDs; those that other tools made are kept byte for byte (spec: node-census §2). */
const ID = /^[\w.-]{1,128}$/;
const TYPE = /^[\w.-]{1,256}$/;
const ENDS = [SUCCESS, FAILURE, 'startNode'];

export const isNodeId = (id: string): boolean => ID.test(id) && !ENDS.includes(id);

const revisions = new WeakMap<
  NodeDocument['config'],
  { readonly by: NodeDefinition | undefined; readonly revision: string }
>();

/** Changes with what the node says; a secret says nothing, or one could try values against it. Made once for each stored version. */
const revisionOf = (node: NodeDocument, definition: NodeDefinition | undefined): string => {
  const known = revisions.get(node.config);
  if (known !== undefined && known.by === definition) return known.revision;
  const revision = newRevisionOf(node, definition);
  revisions.set(node.config, { by: definition, revision });
  return revision;
};

const newRevisionOf = (node: NodeDocument, definition: NodeDefinition | undefined): string => {
  const secrets = definition ? secretSettings(definition) : new Set();
  const whole = { ...(definition && defaultSettings(definition)), ...node.config };
  const said = Object.entries(whole).filter(([name]) => !secrets.has(name));
  return contentRevision([node.type, Object.fromEntries(said)]);
};

export const shownNode = (view: RealmJourneys, node: NodeDocument, reader: Reader): JsonObject => {
  const definition = view.definition(node);
  const revision = revisionOf(node, definition);
  if (definition === undefined) {
    if (reader === 'writer') return formatNode(node, revision);
    // No member of such a node is known: also one that has the name of a member that servers make, such as `_type`.
    const names = Object.keys(node.config).filter((name) => !name.startsWith('_'));
    return formatNode({ ...node, config: Object.fromEntries(names.map((name) => [name, null])) }, revision);
  }
  const known = settingNames(definition);
  const record = formatNode(node, revision, { definition, outcomes: view.outcomesOf(node) });
  return shownTo(reader, record, (name) => known.has(name));
};

const settingNames = ({ config }: NodeDefinition): ReadonlySet<string> => new Set(Object.keys(config.shape));

/** The version that a path names, or else a body; a node that is saved without one keeps its own. */
const versionOf = (
  { names, body }: Call,
  node: Pick<NodeDocument, 'type' | 'id'>,
  stored: StoredNode | undefined,
): string | ConfigurationRefusal => {
  const given = names.version ?? (isJsonObject(body) ? givenVersion(body) : undefined);
  if (typeof given === 'object') return faultOfNode(node, '_type', given.reason);
  return given ?? (stored ? versionOfNode(stored) : FIRST_VERSION);
};

/** The settings that a body makes: over AM's defaults, with the stored secrets where it brings none and may keep them. */
const settingsOf = (
  node: Pick<NodeDocument, 'type' | 'id'>,
  definition: NodeDefinition | undefined,
  body: unknown,
  stored: StoredNode | undefined,
): { readonly config: JsonObject } | ConfigurationRefusal => {
  if (!isJsonObject(body)) return { reason: 'The body must be a JSON object.', detail: {} };
  if (definition === undefined) {
    const { _id, _rev, ...config } = body;
    return { config };
  }
  const given = givenMembers(body, settingNames(definition));
  const kept = [...secretSettings(definition)].flatMap((name) =>
    stored?.config[name] === undefined ? [] : [[name, stored.config[name]]],
  );
  const defaults = defaultSettings(definition);
  const config = { ...defaults, ...Object.fromEntries(kept), ...given };
  const asked = secretAskedAgain(definition, { ...defaults, ...stored?.config }, config, given);
  return asked === undefined ? { config } : faultOfNode(node, asked.secret, asked.reason);
};

/** What a change of a node writes: the node, and each journey that runs it. */
function* writtenWith(then: RealmJourneys, node: StoredNode): Iterable<object> {
  yield node;
  yield* then.eachTreeWith(node.id);
}

/** `authenticationtrees/nodes` of a realm, for its administrators (spec: journeys-rest §6.4). */
export const nodesRoutes = (options: JourneyConfigurationOptions): Routes => {
  const { catalogue, random, log } = options;
  const asAdministrator = forJourneyAdministrators(options);

  const save = async (call: Call, caller: Caller, id: string, mustBeNew = false): Promise<Answer> => {
    const type = call.names.type ?? '';
    if (!TYPE.test(type)) return refuse(400, 'A node type has letters, digits, dots and dashes.').answer;
    if (!isNodeId(id)) return refuse(400, 'The id of a node must be a UUID.').answer;
    const before = viewOf(options, call);
    // What is decided below looks at all nodes at once: what has to be read of each is read here, with turns for others in between.
    await inTurns(before.nodes(), (node) => [before.idsInside(node), sizeOfDocument(node)]);
    const { answer, findings = [] } = await decidedChange(options, call, caller, (): CheckedAnswer => {
      const now = viewOf(options, call);
      const stored = now.node(id);
      const version = versionOf(call, { type, id }, stored);
      if (typeof version === 'object') return refuseInput(version);
      const newest = catalogue.get(type);
      const definition = newest && definitionInVersion(newest, version);
      if (stored !== undefined && (stored.type !== type || mustBeNew)) {
        return refuse(409, `There is a ${stored.type} ${id} already. Delete it first, or choose another id.`);
      }
      const failed = failedCondition(call, stored && revisionOf(stored, now.definition(stored)));
      if (failed !== undefined) return failed;
      const settings = settingsOf({ type, id }, definition, call.body, stored);
      if ('reason' in settings) return refuseInput(settings);
      // What is not known is kept whole, with the version that stands in it.
      const isKept = definition === undefined && call.names.version === undefined;
      const config = isKept ? settings.config : settingsOfVersion({ type, version }, settings.config);
      const node: StoredNode = { realm: call.realmPath, id, type, config };
      const then = now.with({ node });
      // Before anything is checked: what is checked is bounded by what one change may write.
      checkChangeSize(writtenWith(then, node));
      // An import writes by PUT; what somebody makes here is refused at once.
      const [kept] = mustBeNew ? (then.settings(node)?.kept ?? []) : [];
      const [misplaced] = isImport(call) ? [] : (then.settings(node)?.refused ?? []);
      const fault =
        misplaced !== undefined
          ? faultOfNode(node, ...misplaced)
          : kept === undefined
            ? faultInNode(then, node)
            : faultOfNode(node, kept.path, kept.message);
      if (fault !== undefined) return refuseInput(fault);
      const answer = saved(call, shownNode(then, node, 'writer'), stored === undefined);
      if (isDeepStrictEqual(stored?.config, node.config)) return { answer };
      const trees = then.treesWith(id);
      const outcome = stored === undefined ? 'create' : 'update';
      const event = changeOf(options, call, caller, outcome, { kind: 'node', type, id });
      const found = findingsIn(
        options,
        call,
        then,
        trees.map(({ name }) => name),
      );
      return {
        answer,
        findings: found.filter(({ nodeId, code }) => nodeId === id || WHAT_PATHS_PROVE.has(code)),
        change: { putNodes: [node], publishTrees: trees.map(({ name, tree }) => then.published(name, tree)) },
        events: [event],
      };
    });
    logFindings(options, call, findings);
    if (answer.status < 300) warnOf(call, type, id);
    return answer;
  };

  /** Nothing that is saved is wrong, but it may fail once a journey gets there. */
  const warnOf = (call: Call, nodeType: string, nodeId: string): void => {
    const fields = { realm: call.realmPath, nodeType, nodeId, transactionId: call.transactionId };
    if (!catalogue.has(nodeType)) {
      log.warn(fields, 'This server has no node of that type. It is kept, and fails a journey that reaches it.');
    }
    const view = viewOf(options, call);
    const node = view.node(nodeId);
    const definition = node && view.definition(node);
    if (node === undefined || definition === undefined) return;
    const version = versionOfNode(node);
    if (version !== definition.version) {
      const reason = `There is no version ${version} of it here: it runs as ${definition.version}.`;
      log.warn(
        { ...fields, reason },
        'This server lacks the version of a node. It is kept, and runs as one before it.',
      );
    }
    const missing = missingValues(view, node);
    if (Object.keys(missing).length > 0) {
      log.warn({ ...fields, missing }, 'Settings of a node name values that this server does not have.');
    }
    for (const [setting, reason] of view.settings(node)?.refused ?? []) {
      log.warn(
        { ...fields, setting, reason },
        'A setting of a node names a secret that it may not have. The node fails a journey that reaches it.',
      );
    }
    const lacking = view.settings(node)?.lacking ?? [];
    if (lacking.length > 0) {
      log.warn(
        { ...fields, lacking },
        'A node lacks settings that have no default. It fails a journey that reaches it.',
      );
    }
    for (const { path: setting, message: reason } of view.settings(node)?.kept ?? []) {
      log.warn(
        { ...fields, setting, reason },
        'A setting of a node is wrong. The node fails a journey that reaches it.',
      );
    }
    const unknown = unknownMembers(node.config, settingNames(definition));
    if (unknown.length > 0) log.warn({ ...fields, unknown }, 'A node has settings that are none here. They are kept.');
  };

  const remove = async (call: Call, caller: Caller): Promise<Answer> => {
    const { type = '', id = '' } = call.names;
    const { answer } = await decidedChange(options, call, caller, (): CheckedAnswer => {
      const view = viewOf(options, call);
      const stored = view.node(id);
      if (stored === undefined || !isAsked(call, stored)) return NOT_FOUND_HERE;
      const failed = failedCondition(call, revisionOf(stored, view.definition(stored)));
      if (failed !== undefined) return failed;
      const [tree] = view.treesWith(id);
      if (tree !== undefined) {
        return refuse(
          409,
          `The tree ${tree.name} uses ${type} ${id}. Take the node out of it, or delete the tree first.`,
        );
      }
      const record = shownNode(view, stored, 'writer');
      return {
        answer: ok(record, etagOf(record._rev)),
        change: { deleteNodes: [{ realm: call.realmPath, id }] },
        events: [changeOf(options, call, caller, 'delete', { kind: 'node', type, id })],
      };
    });
    return answer;
  };

  const showing = (call: Call, caller: Caller, view: RealmJourneys) => {
    const reader = readerOf(call, caller, 'journeys:write');
    return (node: StoredNode): JsonObject => shownNode(view, node, reader);
  };

  /** Whether a node is of the type, and of the version, that the path names. */
  const isAsked = ({ names }: Call, node: StoredNode): boolean =>
    node.type === names.type && (names.version === undefined || names.version === versionOfNode(node));

  const read = async (call: Call, caller: Caller): Promise<Answer> => {
    const view = viewOf(options, call);
    const node = view.node(call.names.id ?? '');
    if (node === undefined || !isAsked(call, node)) return NOT_FOUND;
    const record = showing(call, caller, view)(node);
    return ok(record, etagOf(record._rev));
  };

  const list = async (call: Call, caller: Caller): Promise<Answer> => {
    const view = viewOf(options, call);
    const nodes = view.nodes().filter((node) => isAsked(call, node));
    if (nodes.length === 0 && !catalogue.has(call.names.type ?? '')) return NOT_FOUND;
    return answerQuery(call, nodes, showing(call, caller, view));
  };

  /** A path without a version means the first one, as it did before there were others. */
  const act = async (call: Call, caller: Caller): Promise<Answer> => {
    const { type = '', version = FIRST_VERSION } = call.names;
    if (call.query._action === 'create') return save(call, caller, idOfBody(call) ?? random.uuid(), true);
    const newest = catalogue.get(type);
    const definition = newest && definitionInVersion(newest, version);
    if (definition?.version !== version) return NOT_FOUND;
    const action = actionOf(typeActions, call);
    return action === undefined ? unsupportedAction(['create', ...Object.keys(typeActions)]) : action(call, definition);
  };

  /** Paths with a version in them are those of AM 8.1 (spec: nodes-mfa §1). */
  const withVersion =
    (then: (call: Call, caller: Caller) => Promise<Answer>) =>
    async (call: Call, caller: Caller): Promise<Answer> =>
      isNodeVersion(call.names.version) ? then(call, caller) : NOT_FOUND;

  const palette = () => [...catalogue.values()].sort((a, b) => (a.type < b.type ? -1 : 1)).map(formatPaletteEntry);

  const collectionActions: Readonly<Record<string, (call: Call, caller: Caller) => Answer | Promise<Answer>>> = {
    getAllTypes: () => ok({ result: palette() }),
    getCreatableTypes: () => ok({ result: palette() }),
    nextdescendents: async (call, caller) => {
      const view = viewOf(options, call);
      const records = await writtenInTurns(view.nodes(), showing(call, caller, view));
      return ok(new JsonText(`{"result":[${records.join(',')}]}`));
    },
  };

  const listOutcomes = (call: Call, definition: NodeDefinition): Answer => {
    const settings = settingsOf({ type: definition.type, id: 'node' }, definition, call.body ?? {}, undefined);
    if ('reason' in settings) return refuseInput(settings).answer;
    const node = { id: 'node', type: definition.type, config: settings.config };
    const outcomes = formatOutcomes(viewOf(options, call).outcomesOf(node));
    return { status: 200, body: outcomes };
  };

  const typeActions: Readonly<Record<string, (call: Call, definition: NodeDefinition) => Answer>> = {
    schema: (_call, definition) => ok(formatNodeSchema(definition)),
    template: (_call, definition) => ok(formatNodeTemplate(definition)),
    getType: (_call, definition) => ok(formatNodeType(definition)),
    listOutcomes,
  };

  const idOfBody = ({ body }: Call): string | undefined =>
    isJsonObject(body) && typeof body._id === 'string' && body._id !== '' ? body._id : undefined;

  return {
    [`POST ${BASE}`]: asAdministrator(async (call, caller) => {
      const action = actionOf(collectionActions, call);
      return action === undefined ? unsupportedAction(Object.keys(collectionActions)) : action(call, caller);
    }),
    [`GET ${BASE}/:type`]: asAdministrator(list),
    [`POST ${BASE}/:type`]: asAdministrator(act),
    [`GET ${BASE}/:type/:id`]: asAdministrator((call, caller) => {
      const { type = '', id = '' } = call.names;
      return isNodeVersion(id) ? list({ ...call, names: { type, version: id } }, caller) : read(call, caller);
    }),
    [`PUT ${BASE}/:type/:id`]: asAdministrator((call, caller) => save(call, caller, call.names.id ?? '')),
    [`DELETE ${BASE}/:type/:id`]: asAdministrator(remove),
    [`POST ${BASE}/:type/:version`]: asAdministrator(withVersion(act)),
    [`GET ${BASE}/:type/:version/:id`]: asAdministrator(withVersion(read)),
    [`PUT ${BASE}/:type/:version/:id`]: asAdministrator(
      withVersion((call, caller) => save(call, caller, call.names.id ?? '')),
    ),
    [`DELETE ${BASE}/:type/:version/:id`]: asAdministrator(withVersion(remove)),
  };
};
