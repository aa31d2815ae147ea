/** What happens to the authentication level on an outcome, at the least: it changes by `gain` and is `least` or more afterwards. */
export interface LevelChange {
  readonly gain: number;
  readonly least: number;
}

export const SAME_LEVEL: LevelChange = { gain: 0, least: Number.NEGATIVE_INFINITY };
/** The level may be anything afterwards. */
export const ANY_LEVEL: LevelChange = { gain: Number.NEGATIVE_INFINITY, least: Number.NEGATIVE_INFINITY };

export const levelAfter = (level: number, { gain, least }: LevelChange): number => Math.max(level + gain, least);

export const levelsInTurn = (one: LevelChange, next: LevelChange): LevelChange => ({
  gain: one.gain + next.gain,
  least: levelAfter(one.least, next),
});

/** What holds of all of them. */
export const levelsOfAny = (changes: readonly LevelChange[]): LevelChange =>
  changes.length === 0
    ? ANY_LEVEL
    : {
        gain: Math.min(...changes.map(({ gain }) => gain)),
        least: Math.min(...changes.map(({ least }) => least)),
      };
