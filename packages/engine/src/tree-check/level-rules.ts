import { pathBelowLevel } from './auth-levels.ts';
import type { RuleFinding } from './tree-finding.ts';
import type { TreeGraph } from './tree-graph.ts';

/** The journey that an advice for an authentication level starts. */
export interface LevelJourney {
  readonly level: number;
  readonly tree: string;
}

/** J24: paths to Success that end below the authentication level whose journey the tree is (SEC-85). */
export const unreachedLevelFindings = (graph: TreeGraph, levels: readonly LevelJourney[]): readonly RuleFinding[] =>
  levels.flatMap(({ level, tree }): RuleFinding[] => {
    const below = tree === graph.name ? pathBelowLevel(graph, level) : undefined;
    if (below === undefined) return [];
    const reached = Number.isFinite(below.level) ? `with the level ${below.level}` : 'with an unknown level';
    return [
      {
        code: 'J24',
        severity: 'error',
        message: `The authentication level ${level} (authLevelJourneys) names the journey ${tree}, which comes to Success ${reached} by the path ${below.path}.`,
        fix: `Add a Modify Auth Level node or an Auth Level Decision to that path, or name another journey for ${level}.`,
      },
    ];
  });
