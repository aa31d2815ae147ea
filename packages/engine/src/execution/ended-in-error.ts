import { JourneyError } from '../model/errors.ts';

/** An error that has ended its journey, on its way out; the end is staged already. */
export class EndedInError extends Error {
  readonly #error: unknown;
  readonly #failureUrl: () => string;

  /** The failure URL is worked out last: whoever answers that may fail, too, and must not hold up the end. */
  constructor(error: unknown, failureUrl: () => string) {
    super(String(error), { cause: error });
    this.#error = error;
    this.#failureUrl = failureUrl;
  }

  /** What to tell the caller: the error, with where failure leads if it is one that says so. */
  get forCaller(): unknown {
    const error = this.#error;
    if (!(error instanceof JourneyError) || !('failureUrl' in error.detail)) return error;
    return new JourneyError(error.code, { ...error.detail, failureUrl: this.#failureUrl() } as never, { cause: error });
  }
}
