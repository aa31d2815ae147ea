import type { Configuration, ProofMethod } from '@assent/engine';
import { type CheckedTree, classFindings, type TreeReading } from '@assent/engine/host';
import { nodeCatalogue } from '@assent/nodes';
import { mappedClasses } from './acr-classes.ts';

type Trees = Pick<Configuration, 'tree'>;

/** Whether somewhere in a journey something that counts is proven; of a node that is not of ours, nobody here knows. */
const mayProve = (
  trees: Trees,
  realm: string,
  name: string,
  counts: (method: ProofMethod) => boolean,
  seen = new Set([name]),
): boolean => {
  const nodes = Object.values(trees.tree(realm, name)?.nodes ?? {});
  return nodes.some(({ type, config }) => {
    const definition = nodeCatalogue.get(type);
    if (definition === undefined || definition.wraps !== undefined || definition.proves.some(counts)) return true;
    const inner = definition.innerTree?.(definition.config.safeParse(config).data as never);
    if (inner === undefined || seen.has(inner)) return false;
    // Each journey is looked at once, however many lead to it.
    seen.add(inner);
    return mayProve(trees, realm, inner, counts, seen);
  });
};

/** A class of sign-in that nobody meets by the journey that the realm names for it. */
export interface AcrProblem {
  readonly acr: string;
  readonly tree: string;
  /** False for a journey that the realm does not have. */
  readonly isThere: boolean;
  readonly message: string;
  readonly fix: string;
}

/** What is wrong with the journeys to the classes of sign-in of a realm: each is there, and proves the class on every path (SEC-85). */
export const acrProblems = (
  trees: readonly CheckedTree[],
  treeOfAcr: ReadonlyMap<string, string>,
  reading: TreeReading,
): readonly AcrProblem[] => {
  const names = new Set(trees.map(({ name }) => name));
  const classes = mappedClasses(treeOfAcr);
  // One check of all classes reads each journey once.
  const found = new Map(
    classFindings({ ...reading, trees, classes }).map(({ named, finding }) => [named.acr, finding]),
  );
  return classes.flatMap(({ acr, tree }): AcrProblem[] => {
    if (!names.has(tree)) {
      const message = `The class "${acr}" (loaMapping) names the journey ${tree}, which the realm does not have.`;
      return [{ acr, tree, isThere: false, message, fix: `Add the journey ${tree} or map "${acr}" to another one.` }];
    }
    const finding = found.get(acr);
    return finding === undefined ? [] : [{ acr, tree, isThere: true, message: finding.message, fix: finding.fix }];
  });
};

/** The problems that a change of the mapping brings: what was stored before stays, and so does the name of a journey that is to come. */
export const newAcrProblems = (
  trees: readonly CheckedTree[],
  treeOfAcr: ReadonlyMap<string, string>,
  before: ReadonlyMap<string, string>,
  reading: TreeReading,
): readonly AcrProblem[] =>
  acrProblems(trees, new Map([...treeOfAcr].filter(([acr, tree]) => before.get(acr) !== tree)), reading).filter(
    ({ isThere }) => isThere,
  );

/** Whether a journey can ask for nothing that proves who signs in but a password. */
export const isPasswordAlone = (trees: Trees, realm: string, name: string): boolean =>
  trees.tree(realm, name) !== undefined && !mayProve(trees, realm, name, (method) => method !== 'password');
