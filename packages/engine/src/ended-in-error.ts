import { JourneyError } from './errors.ts';

/** A node error on its way out, with the end of the journey already enlisted. */
export class EndedInError extends Error {
  readonly #error: JourneyError;
  readonly #failureUrl: string;

  constructor(error: JourneyError, failureUrl: string) {
    super(error.message, { cause: error });
    this.#error = error;
    this.#failureUrl = failureUrl;
  }

  withFailureUrl(): JourneyError {
    if (!('failureUrl' in this.#error.detail)) return this.#error;
    const detail = { ...this.#error.detail, failureUrl: this.#failureUrl };
    return new JourneyError(this.#error.code, detail as never, { cause: this.#error });
  }
}
