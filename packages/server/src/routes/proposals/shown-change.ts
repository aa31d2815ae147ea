import type { StoredNode } from '@assent/engine/host';
import type { JsonObject } from '@assent/wire';
import type { Caller } from '../../authorization/administration.ts';
import { readerOf } from '../../authorization/reader.ts';
import type { Call } from '../../http/call.ts';
import type { ProposedChange } from '../../proposals/proposal-document.ts';
import { shownScript } from '../scripts/scripts.ts';
import { type JourneyConfigurationOptions, viewOf } from '../trees/journey-configuration.ts';
import { shownNode } from '../trees/nodes.ts';
import { shownTree } from '../trees/trees.ts';

/** A change as that caller reads it: what would be there, as REST shows it to the same caller (SEC-72). */
export const shownChange =
  (options: JourneyConfigurationOptions) =>
  (call: Call, caller: Caller, change: ProposedChange): JsonObject => {
    const {
      publishTrees = [],
      deleteTrees = [],
      putNodes = [],
      putScripts = [],
      deleteScripts = [],
      putRealm,
    } = change;
    const view = viewOf(options, call);
    const reader = readerOf(call, caller, 'journeys:write');
    const nodes = new Map<string, StoredNode>();
    for (const { realm, nodes: ofTree } of publishTrees)
      for (const node of Object.values(ofTree)) nodes.set(node.id, { ...node, realm });
    for (const node of putNodes) nodes.set(node.id, node);
    return {
      trees: publishTrees.map((tree) => shownTree(tree, reader)),
      nodes: [...nodes.values()].map((node) => shownNode(view, node, reader)),
      scripts: putScripts.map((script) => shownScript(script, reader)),
      ...(deleteTrees.length > 0 && { deletedTrees: deleteTrees.map(({ name }) => name) }),
      ...(deleteScripts.length > 0 && { deletedScripts: deleteScripts.map(({ id }) => id) }),
      ...(putRealm !== undefined && { fourEyes: putRealm.fourEyes }),
    };
  };
