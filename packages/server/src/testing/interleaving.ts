import type { Change } from '@assent/engine/host';

/** What a server comes to: a commit, or work on a password. */
export type Point = readonly Change[] | 'hash' | 'verify';

/** The check of a password with its counter, for which one waits for the other. */
export const isOfPasswordCheck = (point: Point): boolean =>
  point === 'verify' || (typeof point !== 'string' && point.every(({ type }) => type.startsWith('throttle.')));

/** Runs one call in the midst of another, on a server whose `between` is given to it. */
export class Interleaving {
  #interrupt: ((point: Point) => Promise<void>) | undefined;

  readonly between = async (point: Point): Promise<void> => this.#interrupt?.(point);

  /** Runs `inner` where `outer` comes to its `at`th point of those that count; false where it has fewer. */
  async nest(
    outer: () => Promise<unknown>,
    inner: () => Promise<unknown>,
    at: number,
    counts: (point: Point) => boolean = () => true,
  ): Promise<boolean> {
    let points = 0;
    let isNested = false;
    this.#interrupt = async (point) => {
      if (!counts(point) || points++ !== at) return;
      this.#interrupt = undefined;
      isNested = true;
      await inner();
    };
    await outer();
    this.#interrupt = undefined;
    return isNested;
  }
}
