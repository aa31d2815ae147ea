import type { RealmSettings } from '@assent/engine';
import { type CheckedTree, type LevelJourney, levelFindings, type TreeReading } from '@assent/engine/host';

type AuthLevelJourneys = RealmSettings['authLevelJourneys'];

/** The journeys of a realm by the level that each is named for, the lowest first. */
export const levelJourneys = (named: AuthLevelJourneys): readonly LevelJourney[] =>
  Object.entries(named)
    .map(([level, tree]) => ({ level: Number(level), tree }))
    .sort((one, other) => one.level - other.level);

/** The journey of the lowest level that is high enough; undefined where the realm names none. */
export const journeyToLevel = (named: AuthLevelJourneys, wanted: number): string | undefined =>
  levelJourneys(named).find(({ level }) => level >= wanted)?.tree;

/** A level whose journey does not reach it, or is not there. */
export interface LevelProblem {
  readonly level: number;
  readonly tree: string;
  readonly isThere: boolean;
  readonly message: string;
  readonly fix: string;
}

/** What is wrong with the journeys to the levels of a realm: each is there, and reaches its level on every path (SEC-85). */
export const levelProblems = (
  trees: readonly CheckedTree[],
  named: AuthLevelJourneys,
  reading: TreeReading,
): readonly LevelProblem[] => {
  const names = new Set(trees.map(({ name }) => name));
  const levels = levelJourneys(named);
  // One check of all levels reads each journey once.
  const found = new Map(levelFindings({ ...reading, trees, levels }).map((it) => [it.named.level, it.finding]));
  return levels.flatMap(({ level, tree }): LevelProblem[] => {
    if (!names.has(tree)) {
      const message = `The authentication level ${level} (authLevelJourneys) names the journey ${tree}, which the realm does not have.`;
      return [
        { level, tree, isThere: false, message, fix: `Add the journey ${tree} or name another one for ${level}.` },
      ];
    }
    const finding = found.get(level);
    return finding === undefined ? [] : [{ level, tree, isThere: true, message: finding.message, fix: finding.fix }];
  });
};

/** The problems that a change of the setting brings: what was stored before stays, and so does the name of a journey that is to come. */
export const newLevelProblems = (
  trees: readonly CheckedTree[],
  named: AuthLevelJourneys,
  before: AuthLevelJourneys,
  reading: TreeReading,
): readonly LevelProblem[] => {
  const changed = Object.entries(named).filter(([level, tree]) => before[level] !== tree);
  return levelProblems(trees, Object.fromEntries(changed), reading).filter(({ isThere }) => isThere);
};
