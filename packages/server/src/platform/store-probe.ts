/** So often a database that does well is asked. */
const ASKED_EVERY_MILLIS = 2_000;
/** One that does not is asked again after that, so that its return is seen soon. */
const ASKED_AGAIN_MILLIS = 500;
/** By then it must have done well once: a moment in which there is much to do sends nobody away (REL-14). */
const GOOD_FOR_MILLIS = 5_000;

export interface StoreProbeOptions {
  /** Reads and writes nothing that stays; rejects where the database does not answer. */
  readonly check: () => Promise<unknown>;
  /** Milliseconds by a clock that nobody sets. */
  readonly elapsed: () => number;
  /** Runs `action` once after so many milliseconds; the result takes it back. */
  readonly after: (millis: number, action: () => void) => () => void;
  /** It is away, by what the last look failed with, or there again; the first time that it is there is no news. */
  readonly onChange?: (isWell: boolean, cause: unknown) => void;
}

/**
 * Whether the database does well, for whoever sends requests here (OPS-53). It is looked at beside the requests, so that being asked costs no
 * query, however many ask; and one look that comes too late says nothing yet: instances that leave the rotation because much is to do leave
 * the others with more.
 */
export class StoreProbe {
  readonly #options: StoreProbeOptions;
  #askedAt = Number.NEGATIVE_INFINITY;
  #wellAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | undefined;
  #toldWell: boolean | undefined;
  #isStopped = false;
  #forgo = () => {};

  constructor(options: StoreProbeOptions) {
    this.#options = options;
  }

  /** Looks from now on, the first time at once. */
  start(): void {
    const next = () => {
      if (this.#isStopped) return;
      this.#forgo = this.#options.after(this.#failed ? ASKED_AGAIN_MILLIS : ASKED_EVERY_MILLIS, look);
    };
    const look = () => void this.look().then(next);
    look();
  }

  stop(): void {
    this.#isStopped = true;
    this.#forgo();
  }

  /** Waits for a look only where the last one that did well is too long ago: one that is under way, or is overdue. */
  async isWell(): Promise<boolean> {
    if (this.#wasWell()) return true;
    // Whoever kept the event loop from turning kept the looks from being taken, too.
    const isOverdue = this.#options.elapsed() - this.#askedAt >= ASKED_EVERY_MILLIS;
    await (isOverdue ? this.look() : this.#looking);
    return this.#wasWell();
  }

  /** One look; all who want one at the same time share it. */
  look(): Promise<void> {
    this.#looking ??= this.#ask().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  get #failed(): boolean {
    return this.#wellAt < this.#askedAt;
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
      this.#tell(true, undefined);
    } catch (cause) {
      this.#tell(this.#wasWell(), cause);
    }
  }

  #tell(isWell: boolean, cause: unknown): void {
    const wasTold = this.#toldWell ?? true;
    this.#toldWell = isWell;
    if (isWell !== wasTold) this.#options.onChange?.(isWell, isWell ? undefined : cause);
  }
}
