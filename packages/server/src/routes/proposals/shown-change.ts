import type { StoredNode } from '@assent/engine/host';
import type { JsonObject } from '@assent/wire';
import type { Call } from '../../http/call.ts';
import type { ProposedChange } from '../../proposals/proposal-document.ts';
import { shownScript } from '../scripts/scripts.ts';
import { type JourneyConfigurationOptions, viewOf } from '../trees/journey-configuration.ts';
import { shownNode } from '../trees/nodes.ts';
import { shownTree } from '../trees/trees.ts';

/** A change as whoever decides about it reads it: what would be there, as REST shows it, so that no secret is told. */
export const shownChange =
  (options: JourneyConfigurationOptions) =>
  (call: Call, change: ProposedChange): JsonObject => {
    const {
      publishTrees = [],
      deleteTrees = [],
      putNodes = [],
      putScripts = [],
      deleteScripts = [],
      putRealm,
    } = change;
    const view = viewOf(options, call);
    const nodes = new Map<string, StoredNode>();
    for (const { realm, nodes: ofTree } of publishTrees)
      for (const node of Object.values(ofTree)) nodes.set(node.id, { ...node, realm });
    for (const node of putNodes) nodes.set(node.id, node);
    return {
      trees: publishTrees.map(({ name, tree }) => shownTree(name, tree)),
      nodes: [...nodes.values()].map((node) => shownNode(view, node)),
      scripts: putScripts.map(shownScript),
      ...(deleteTrees.length > 0 && { deletedTrees: deleteTrees.map(({ name }) => name) }),
      ...(deleteScripts.length > 0 && { deletedScripts: deleteScripts.map(({ id }) => id) }),
      ...(putRealm !== undefined && { fourEyes: putRealm.fourEyes }),
    };
  };
