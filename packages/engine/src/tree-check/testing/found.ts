import type { TreeDocument } from '../../model/tree.ts';
import { checkTrees } from '../check-trees.ts';
import { type WiredNodes, wiredNodes, wiredTree } from './wired-nodes.ts';

type Settings = Partial<TreeDocument>;

/** What is found, as `code severity node outcome`, with the tree behind the severity where there are several. */
export const found = (...trees: readonly ReturnType<typeof wiredTree>[]): readonly string[] =>
  checkTrees({ trees, catalogue: wiredNodes }).map(({ code, severity, tree: name, nodeId, outcome }) =>
    [code, severity, ...(trees.length > 1 ? [name] : []), nodeId, outcome].filter(Boolean).join(' '),
  );

/** What is found in one tree. */
export const foundIn = (entry: string, nodes: WiredNodes, settings: Settings = {}): readonly string[] =>
  found(wiredTree('T', entry, nodes, settings));
