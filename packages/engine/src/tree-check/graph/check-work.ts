/** Steps that a check may spend on one tree. A journey of 5,000 nodes takes about half of them. */
export const STEPS_OF_TREE = 1_000_000;
/** Steps that a check may spend on all trees of a realm together: of a command, or at the start of a server. */
export const STEPS_OF_COMMAND = 4_000_000;
/** Steps of a check in a request, which other requests wait for: 100 ms of processor time at most. */
export const STEPS_OF_REQUEST = 200_000;

/** A tree takes more steps than a check may spend on it. */
class TreeTooLarge extends Error {}

/** Counts the steps of 1 check, so that no tree can hold up the main thread. Steps, unlike seconds, are the same on each machine. */
export class CheckWork {
  /** The steps so far, of all trees. */
  steps = 0;
  readonly maxSteps: number;

  constructor(maxSteps = STEPS_OF_COMMAND) {
    this.maxSteps = maxSteps;
  }

  /** The steps of one tree, which also count for the check as a whole. */
  ofTree(): TreeWork {
    return new TreeWork(this);
  }
}

export class TreeWork {
  readonly #check: CheckWork;
  #steps = 0;

  constructor(check: CheckWork) {
    this.#check = check;
  }

  get steps(): number {
    return this.#steps;
  }

  /** Whether no step is left: nothing more is to be found of the tree. */
  get isSpent(): boolean {
    return this.#steps > STEPS_OF_TREE || this.#check.steps > this.#check.maxSteps;
  }

  spend(steps: number): void {
    // What a tree would take beyond a bound, it does not take.
    const spent = Math.min(
      steps,
      STEPS_OF_TREE + 1 - this.#steps,
      Math.max(0, this.#check.maxSteps + 1 - this.#check.steps),
    );
    this.#steps += spent;
    this.#check.steps += spent;
    if (this.isSpent) throw new TreeTooLarge('The journey is too large to be checked.');
  }
}

/** What `read` returns; undefined for a tree that is too large to be checked. */
export const unlessTooLarge = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch (error) {
    if (error instanceof TreeTooLarge) return undefined;
    throw error;
  }
};
