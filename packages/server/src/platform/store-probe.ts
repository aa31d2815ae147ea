/** So often a database that does well is asked at most, however many ask the server. */
const ASKED_EVERY_MILLIS = 2_000;
/** By then it must have done well once: a moment in which there is much to do sends nobody away (REL-14). */
const GOOD_FOR_MILLIS = 5_000;

export interface StoreProbeOptions {
  /** Reads and writes nothing that stays; rejects where the database does not answer. */
  readonly check: () => Promise<unknown>;
  /** Milliseconds by a clock that nobody sets. */
  readonly elapsed: () => number;
  /** It is away, by what the last look failed with, or there again; the first time that it is there is no news. */
  readonly onChange?: (isWell: boolean, cause: unknown) => void;
}

/**
 * Whether the database does well, for whoever sends requests here (OPS-53). All that ask within a while share one look at it, and one look
 * that comes too late says nothing yet: instances that leave the rotation because much is to do leave the others with more.
 */
export class StoreProbe {
  readonly #options: StoreProbeOptions;
  #askedAt = Number.NEGATIVE_INFINITY;
  #wellAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;
  #toldWell: boolean | undefined;
  #cause: unknown;

  constructor(options: StoreProbeOptions) {
    this.#options = options;
  }

  /** Waits for the database only where it has not done well of late. */
  async isWell(): Promise<boolean> {
    const { elapsed } = this.#options;
    // One that is away is looked for each time, so that its return is seen at once, and costs nobody the rotation if it was short.
    if (!this.#wasWell() || elapsed() - this.#askedAt >= ASKED_EVERY_MILLIS) this.#asking ??= this.#ask();
    if (!this.#wasWell()) await this.#asking;
    const isWell = this.#wasWell();
    this.#tell(isWell);
    return isWell;
  }

  #tell(isWell: boolean): void {
    const wasTold = this.#toldWell ?? true;
    this.#toldWell = isWell;
    if (isWell !== wasTold) this.#options.onChange?.(isWell, isWell ? undefined : this.#cause);
  }

  #wasWell(): boolean {
    return this.#options.elapsed() - this.#wellAt < GOOD_FOR_MILLIS;
  }

  async #ask(): Promise<void> {
    const { check, elapsed } = this.#options;
    this.#askedAt = elapsed();
    try {
      await check();
      this.#wellAt = elapsed();
    } catch (cause) {
      this.#cause = cause;
      // What it was the last time that it did well says how long that is ago. Whoever asks next looks again.
      this.#askedAt = Number.NEGATIVE_INFINITY;
    } finally {
      this.#asking = undefined;
    }
  }
}
