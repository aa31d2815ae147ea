import { isDeepStrictEqual } from 'node:util';
import { madeOnce } from '@assent/engine';
import type { PublishedTree, TreeDocument } from '@assent/engine/host';
import {
  formatTree,
  formatTreeSchema,
  formatTreeTemplate,
  isJsonObject,
  type JsonObject,
  parseTree,
  treeForOnlookers,
  unknownInTree,
} from '@assent/wire';
import { type Caller, NOT_FOUND } from '../../authorization/administration.ts';
import { type Reader, readerOf } from '../../authorization/reader.ts';
import { type Answer, actionOf, type Call, ok, type Routes, unsupportedAction } from '../../http/call.ts';
import { etagOf, saved } from '../../http/conditions.ts';
import { answerQuery } from '../../http/configuration-query.ts';
import { faultInTree } from '../../journeys/journey-rules.ts';
import { copyOfTree } from '../../journeys/realm-journeys.ts';
import { contentRevision } from '../../realms/configuration-writes.ts';
import { checkChangeSize } from '../../realms/realm-quota.ts';
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

const BASE = 'realm-config/authentication/authenticationtrees/trees';

const MAX_NAME_LENGTH = 256;
export const TREE_NAME_RULE = `The name of a tree has 1 to ${MAX_NAME_LENGTH} characters; slashes, %, ; and control characters are none.`;

/** What can stand in an address as one segment. */
export const isTreeName = (name: string): boolean =>
  name.trim() !== '' && name.length <= MAX_NAME_LENGTH && !/^\.{1,2}$|[\\/%;\p{Cc}]/u.test(name);

/** Administrators sign in by one tree of the root realm: without it nobody could put it back. */
const holdsTheKeys = (call: Call, name: string): boolean => call.realmPath === '/' && call.realm.adminTree === name;

const LOCK_OUT =
  'administrators sign in by this tree. Name another in core.adminAuthModule of realm-config/authentication first.';

/** The attribute that would keep a tree from being started, if it has one. */
export const obstacleIn = ({ enabled, innerTreeOnly, transactionalOnly }: TreeDocument): string | undefined => {
  if (!enabled) return 'enabled';
  if (innerTreeOnly) return 'innerTreeOnly';
  return transactionalOnly ? 'transactionalOnly' : undefined;
};

const revisionOf = madeOnce((tree: TreeDocument): string => contentRevision(tree));

export const shownTree = ({ name, tree }: Pick<PublishedTree, 'name' | 'tree'>, reader: Reader): JsonObject =>
  formatTree(name, revisionOf(tree), reader === 'writer' ? tree : treeForOnlookers(tree));

/** `authenticationtrees/trees` of a realm, for its administrators (spec: journeys-rest §6.3). */
export const treesRoutes = (options: JourneyConfigurationOptions): Routes => {
  const { random } = options;
  const asAdministrator = forJourneyAdministrators(options);

  const save = async (call: Call, caller: Caller, name: string): Promise<Answer> => {
    if (!isTreeName(name)) return refuse(400, TREE_NAME_RULE).answer;
    const { answer, findings = [] } = await decidedChange(options, call, caller, (): CheckedAnswer => {
      const view = viewOf(options, call);
      const stored = view.tree(name);
      const failed = failedCondition(call, stored && revisionOf(stored.tree));
      if (failed !== undefined) return failed;
      const parsed = parseTree(call.body);
      if ('reason' in parsed) return refuseInput(parsed);
      const { tree } = parsed;
      const obstacle = holdsTheKeys(call, name) ? obstacleIn(tree) : undefined;
      if (obstacle !== undefined) {
        return refuse(400, `Data validation failed for the attribute, ${obstacle}: ${LOCK_OUT}`, {
          attribute: obstacle,
        });
      }
      const then = view.with({ tree: { name, tree } });
      checkChangeSize([then.published(name, tree)]);
      const fault = faultInTree(then, name, tree);
      if (fault !== undefined) return refuseInput(fault);
      const findings = findingsIn(options, call, then, [name]);
      const answer = saved(call, shownTree({ name, tree }, 'writer'), stored === undefined);
      if (isDeepStrictEqual(stored?.tree, tree)) return { answer, findings };
      const detail = { kind: 'tree', id: name };
      return {
        answer,
        findings,
        change: { publishTrees: [then.published(name, tree)] },
        events: [changeOf(options, call, caller, stored === undefined ? 'create' : 'update', detail)],
      };
    });
    logFindings(options, call, findings);
    const stored = viewOf(options, call).tree(name)?.tree;
    const unknown = answer.status < 300 && stored !== undefined ? unknownInTree(stored) : [];
    if (unknown.length > 0) {
      const fields = { realm: call.realmPath, journey: name, unknown, transactionId: call.transactionId };
      options.log.warn(fields, 'A journey has members that this server does not know. They are kept.');
    }
    return answer;
  };

  /** A tree and its nodes again, under new ids. */
  const clone = async (call: Call, caller: Caller): Promise<Answer> => {
    const name = isJsonObject(call.body) ? call.body.newId : undefined;
    if (typeof name !== 'string' || !isTreeName(name)) return refuse(400, `newId: ${TREE_NAME_RULE}`).answer;
    const { answer } = await decidedChange(options, call, caller, (): CheckedAnswer => {
      const view = viewOf(options, call);
      const stored = view.tree(call.names.id ?? '');
      if (stored === undefined) return NOT_FOUND_HERE;
      if (view.tree(name) !== undefined) return refuse(409, `There is a tree ${name} already. Choose another newId.`);
      const copy = copyOfTree(
        stored,
        name,
        () => random.uuid(),
        (node) => view.definition(node),
      );
      const detail = { kind: 'tree', id: name, copyOf: stored.name };
      return {
        answer: ok(shownTree({ name, tree: copy.tree }, 'writer')),
        change: {
          putNodes: Object.values(copy.nodes).map((node) => ({ ...node, realm: call.realmPath })),
          publishTrees: [copy],
        },
        events: [changeOf(options, call, caller, 'create', detail)],
      };
    });
    return answer;
  };

  const remove = async (call: Call, caller: Caller): Promise<Answer> => {
    const name = call.names.id ?? '';
    const { answer } = await decidedChange(options, call, caller, (): CheckedAnswer => {
      const stored = viewOf(options, call).tree(name);
      if (stored === undefined) return NOT_FOUND_HERE;
      const failed = failedCondition(call, revisionOf(stored.tree));
      if (failed !== undefined) return failed;
      if (holdsTheKeys(call, name)) return refuse(409, `The tree ${name} cannot be deleted: ${LOCK_OUT}`);
      return {
        answer: ok(shownTree(stored, 'writer')),
        change: { deleteTrees: [{ realm: call.realmPath, name }] },
        events: [changeOf(options, call, caller, 'delete', { kind: 'tree', id: name })],
      };
    });
    return answer;
  };

  /** Says what a save would, and saves nothing. */
  const validate = (call: Call): Answer => {
    const name = isJsonObject(call.body) && typeof call.body._id === 'string' ? call.body._id : '';
    const parsed = parseTree(call.body);
    if ('reason' in parsed) return refuseInput(parsed).answer;
    const then = viewOf(options, call).with({ tree: { name, tree: parsed.tree } });
    const fault = faultInTree(then, name, parsed.tree);
    return fault === undefined
      ? ok({ valid: true, findings: findingsIn(options, call, then, [name]) })
      : refuseInput(fault).answer;
  };

  const check = (call: Call): Answer => {
    const view = viewOf(options, call);
    const tree = view.tree(call.names.id ?? '');
    return tree === undefined ? NOT_FOUND : ok({ result: findingsIn(options, call, view, [tree.name]) });
  };

  const ids = (call: Call): Answer => {
    const trees = viewOf(options, call).trees();
    return ok({ result: trees.map(({ name }) => ({ _id: name })) });
  };

  const collectionActions: Readonly<Record<string, (call: Call) => Answer>> = {
    getIds: ids,
    schema: () => ok(formatTreeSchema()),
    template: () => ok(formatTreeTemplate()),
    validateTree: validate,
  };

  return {
    [`GET ${BASE}`]: asAdministrator(async (call, caller) => {
      const reader = readerOf(call, caller, 'journeys:write');
      return answerQuery(call, viewOf(options, call).trees(), (tree) => shownTree(tree, reader));
    }),
    [`POST ${BASE}`]: asAdministrator(async (call) => {
      const action = actionOf(collectionActions, call);
      return action === undefined ? unsupportedAction(Object.keys(collectionActions)) : action(call);
    }),
    [`GET ${BASE}/:id`]: asAdministrator(async (call, caller) => {
      const tree = viewOf(options, call).tree(call.names.id ?? '');
      if (tree === undefined) return NOT_FOUND;
      const record = shownTree(tree, readerOf(call, caller, 'journeys:write'));
      return ok(record, etagOf(record._rev));
    }),
    [`POST ${BASE}/:id`]: asAdministrator(async (call, caller) => {
      if (call.query._action === 'clone') return clone(call, caller);
      return call.query._action === 'check' ? check(call) : unsupportedAction(['clone', 'check']);
    }),
    [`PUT ${BASE}/:id`]: asAdministrator((call, caller) => save(call, caller, call.names.id ?? '')),
    [`DELETE ${BASE}/:id`]: asAdministrator(remove),
  };
};
