import type { RealmSettings } from '@assent/engine';
import { isStartable, mayRun, type Policy, type PublishedTree } from '@assent/engine/host';
import { journeyToLevel } from '../journeys/level-journeys.ts';

export interface PolicyProblem {
  readonly policy: string;
  readonly message: string;
  readonly fix: string;
}

/** Policies in use whose condition no user can meet: the journey that their advice starts is not there, or cannot be started. */
export const policyProblems = (realm: RealmSettings, trees: readonly PublishedTree[]): readonly PolicyProblem[] =>
  realm.policies
    .filter(({ active }) => active)
    .flatMap((policy) => {
      const lack = lackOf(policy, realm, trees);
      if (lack === undefined) return [];
      const { name } = policy;
      return [{ policy: name, message: `The policy "${name}" denies every access: ${lack.what}.`, fix: lack.fix }];
    });

const lackOf = (
  { condition }: Policy,
  realm: RealmSettings,
  trees: readonly PublishedTree[],
): { readonly what: string; readonly fix: string } | undefined => {
  const treeOf = (name: string) => trees.find((tree) => tree.name === name);
  const journeyFault = (name: string, canStart: (tree: PublishedTree) => boolean) => {
    const tree = treeOf(name);
    if (tree === undefined) {
      return { what: `the realm has no journey ${name}`, fix: `Add the journey ${name} or name another one.` };
    }
    return canStart(tree)
      ? undefined
      : {
          what: `callers cannot start the journey ${name}`,
          fix: `Switch ${name} on, or list it in startableJourneys.`,
        };
  };
  switch (condition?.type) {
    case 'AuthLevel': {
      const { authLevel } = condition;
      const tree = journeyToLevel(realm.authLevelJourneys, authLevel);
      return tree === undefined
        ? {
            what: `no journey reaches the authentication level ${authLevel}`,
            fix: 'Name a journey in authLevelJourneys of the service "assent".',
          }
        : journeyFault(tree, (found) => isStartable(realm, found));
    }
    case 'AuthenticateToService':
      return journeyFault(condition.authenticateToService, (found) => isStartable(realm, found));
    case 'Transaction':
      return journeyFault(condition.strategySpecifier, (found) => mayRun(realm, found));
    default:
      return undefined;
  }
};
