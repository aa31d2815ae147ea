import type { Configuration, ProofMethod } from '@assent/engine';
import { nodeCatalogue } from '@assent/nodes';
import { proofOfClass } from '@assent/oidc';

type Trees = Pick<Configuration, 'tree'>;

/** Whether somewhere in a journey something that counts is proven; of a node that is not of ours, nobody here knows. */
const mayProve = (
  trees: Trees,
  realm: string,
  name: string,
  counts: (method: ProofMethod) => boolean,
  seen: ReadonlySet<string> = new Set(),
): boolean => {
  const nodes = Object.values(trees.tree(realm, name)?.nodes ?? {});
  return nodes.some(({ type, config }) => {
    const definition = nodeCatalogue.get(type);
    if (definition === undefined || definition.wraps !== undefined || definition.proves.some(counts)) return true;
    const inner = definition.innerTree?.(definition.config.safeParse(config).data as never);
    return (
      inner !== undefined && !seen.has(inner) && mayProve(trees, realm, inner, counts, new Set([...seen, name, inner]))
    );
  });
};

/** What is wrong with the classes of sign-in of a realm: each stands for a journey, which has to be there and to prove something. */
export const acrProblems = (trees: Trees, realm: string, treeOfAcr: ReadonlyMap<string, string>): readonly string[] =>
  [...treeOfAcr].flatMap(([acr, name]) => {
    if (trees.tree(realm, name) === undefined) {
      return [`The class "${acr}" stands for the journey ${name}, which the realm does not have: nobody can meet it.`];
    }
    const proof = proofOfClass(acr);
    if (proof !== undefined) {
      return mayProve(trees, realm, name, (method) => proof.has(method))
        ? []
        : [
            `The class "${acr}" is met by a passkey alone, and the journey ${name} asks for none: nobody meets it there.`,
          ];
    }
    return mayProve(trees, realm, name, () => true)
      ? []
      : [`The class "${acr}" stands for the journey ${name}, in which nothing is proven: whoever walks it meets it.`];
  });

/** Whether a journey can ask for nothing that proves who signs in but a password. */
export const isPasswordAlone = (trees: Trees, realm: string, name: string): boolean =>
  trees.tree(realm, name) !== undefined && !mayProve(trees, realm, name, (method) => method !== 'password');
