import { isDeepStrictEqual } from 'node:util';
import type { PublishedTree, TreeDocument } from '@assent/engine';
import { formatTree, type JsonObject, parseTree } from '@assent/wire';
import { contentRevision } from '../configuration-writes.ts';
import { type Answer, type Call, ok, type Routes } from '../http/call.ts';
import { administered, type Caller, NOT_FOUND } from './administration.ts';
import { answerQuery } from './configuration-query.ts';
import {
  type Answered,
  configurationEvent,
  failedCondition,
  type JourneyConfigurationOptions,
  NOT_FOUND_HERE,
  refuse,
  refuseInput,
  saved,
  UNSUPPORTED,
  viewOf,
} from './journey-configuration.ts';
import { faultInTree } from './journey-rules.ts';

const BASE = 'realm-config/authentication/authenticationtrees/trees';
const LONGEST_NAME = 256;

const revisionOf = (tree: TreeDocument): string => contentRevision(tree);

const shown = (name: string, tree: TreeDocument): JsonObject => formatTree(name, revisionOf(tree), tree);

const shownTree = ({ name, tree }: PublishedTree): JsonObject => shown(name, tree);

/** `authenticationtrees/trees` of a realm, for its administrators (spec: journeys-rest §6.3). */
export const treesRoutes = (options: JourneyConfigurationOptions): Routes => {
  const { writes } = options;
  const asAdministrator = administered(options, 'journeys');

  const save = async (call: Call, caller: Caller, name: string): Promise<Answer> => {
    if (name.trim() === '' || name.length > LONGEST_NAME) {
      return refuse(400, `The name of a tree has 1 to ${LONGEST_NAME} characters.`).answer;
    }
    const { answer } = await writes.decided((): Answered => {
      const view = viewOf(options, call);
      const stored = view.tree(name);
      const failed = failedCondition(call, stored && revisionOf(stored.tree));
      if (failed !== undefined) return failed;
      const parsed = parseTree(call.body);
      if ('why' in parsed) return refuseInput(parsed);
      const { tree } = parsed;
      const then = view.with({ tree: { name, tree } });
      const fault = faultInTree(then, name, tree);
      if (fault !== undefined) return refuseInput(fault);
      const answer = saved(call, shown(name, tree), stored === undefined);
      if (isDeepStrictEqual(stored?.tree, tree)) return { answer };
      const outcome = stored === undefined ? 'create' : 'update';
      return {
        answer,
        change: { publishTrees: [then.published(name, tree)] },
        events: [configurationEvent(options, call, caller, outcome, { kind: 'tree', id: name })],
      };
    });
    return answer;
  };

  const remove = async (call: Call, caller: Caller): Promise<Answer> => {
    const name = call.names.id ?? '';
    const { answer } = await writes.decided((): Answered => {
      const stored = viewOf(options, call).tree(name);
      if (stored === undefined) return NOT_FOUND_HERE;
      const failed = failedCondition(call, revisionOf(stored.tree));
      if (failed !== undefined) return failed;
      return {
        answer: ok(shownTree(stored)),
        change: { deleteTrees: [{ realm: call.realmPath, name }] },
        events: [configurationEvent(options, call, caller, 'delete', { kind: 'tree', id: name })],
      };
    });
    return answer;
  };

  const collectionActions: Readonly<Record<string, (call: Call) => Answer>> = {
    getIds: (call) =>
      ok({
        result: viewOf(options, call)
          .trees()
          .map(({ name }) => ({ _id: name })),
      }),
  };

  return {
    [`GET ${BASE}`]: asAdministrator(async (call) => answerQuery(call, viewOf(options, call).trees().map(shownTree))),
    [`POST ${BASE}`]: asAdministrator(async (call) => {
      const name = call.query._action ?? '';
      const action = Object.hasOwn(collectionActions, name) ? collectionActions[name] : undefined;
      return action === undefined ? UNSUPPORTED(Object.keys(collectionActions)) : action(call);
    }),
    [`GET ${BASE}/:id`]: asAdministrator(async (call) => {
      const tree = viewOf(options, call).tree(call.names.id ?? '');
      if (tree === undefined) return NOT_FOUND;
      const record = shownTree(tree);
      return ok(record, { etag: `"${String(record._rev)}"` });
    }),
    [`PUT ${BASE}/:id`]: asAdministrator((call, caller) => save(call, caller, call.names.id ?? '')),
    [`DELETE ${BASE}/:id`]: asAdministrator(remove),
  };
};
