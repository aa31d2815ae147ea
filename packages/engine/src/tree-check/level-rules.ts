import { pathBelowLevel } from './auth-levels.ts';
import type { RuleFinding } from './tree-finding.ts';
import type { TreeGraph } from './tree-graph.ts';

/** The journey that an advice for an authentication level starts. */
export interface LevelJourney {
  readonly level: number;
  readonly tree: string;
}

/** J24: paths to Success that end below the authentication level whose journey the tree is (SEC-85). The graph is absent for a tree that is too large. */
export const unreachedLevelFindings = (
  { level, tree }: LevelJourney,
  graph: TreeGraph | undefined,
): readonly RuleFinding[] => {
  const finding = (what: string, fix: string): RuleFinding[] => [
    {
      code: 'J24',
      severity: 'error',
      message: `The authentication level ${level} (authLevelJourneys) names the journey ${tree}, ${what}.`,
      fix,
    },
  ];
  if (graph === undefined) {
    return finding(
      'which is too large to be checked, and so reaches no level',
      `Remove nodes or connections, or name another journey for ${level}.`,
    );
  }
  const below = pathBelowLevel(graph, level);
  if (below === undefined) return [];
  const reached = Number.isFinite(below.level) ? `with the level ${below.level}` : 'with an unknown level';
  return finding(
    `which comes to Success ${reached} by the path ${below.path}`,
    `Add a Modify Auth Level node or an Auth Level Decision to that path, or name another journey for ${level}.`,
  );
};
