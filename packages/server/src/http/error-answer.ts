import { Unavailable } from '@assent/engine';
import { DirectoryRefusal, DirectoryTooLarge } from '@assent/ldap';
import { type ErrorBody, errorBody, formatJourneyError, isJourneyError } from '@assent/wire';
import { TOO_BUSY } from '../bounds/request-pace.ts';
import { MAX_ANSWER_BYTES } from '../bounds/unsent-answers.ts';
import type { Logger } from '../platform/log.ts';
import { BodyRefused } from './body-bytes.ts';

/** performance.md rule 16. */
export const MAX_BODY_BYTES = 64 * 1024;

/** An answer that is larger than one may be. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';

  constructor() {
    super(
      `The answer is larger than ${MAX_ANSWER_BYTES / 1_048_576} MiB. Ask for less at once: for pages with _pageSize and _pagedResultsCookie, or with a narrower _queryFilter.`,
    );
  }
}

export interface ErrorAnswer {
  readonly status: number;
  readonly body: ErrorBody;
  /** When to come again, for what passes by itself. */
  readonly headers: Readonly<Record<string, string>>;
}

const TOO_BUSY_ANSWER = (() => {
  const body = formatJourneyError(TOO_BUSY);
  return Object.freeze({
    status: body.code,
    body,
    headers: { 'retry-after': String(TOO_BUSY.detail.retryAfterSeconds) },
  });
})();

/** The answer for an error. The caller does not learn the cause; the log has it. */
export const errorAnswer = (error: unknown, transactionId: string, log: Logger): ErrorAnswer => {
  const answer = (status: number, message: string, headers = {}): ErrorAnswer => ({
    status,
    body: errorBody(status, message),
    headers,
  });
  // The metrics and the line of each request say that it was refused; another line would be the work that a flood asks for.
  if (error === TOO_BUSY) return TOO_BUSY_ANSWER;
  if (isJourneyError(error)) {
    const body = formatJourneyError(error);
    log.info({ transactionId, code: error.code, detail: error.detail, status: body.code }, 'The request was refused.');
    const isForLater = error.is('OVERLOADED') || error.is('TOO_MANY_BEGUN');
    const headers = isForLater ? { 'retry-after': String(error.detail.retryAfterSeconds) } : {};
    return { status: body.code, body, headers };
  }
  if (error instanceof Unavailable) {
    log.error({ transactionId, cause: error }, 'The store or a directory cannot be used now.');
    return answer(503, 'The service cannot answer now. Try again shortly.', { 'retry-after': '2' });
  }
  if (error instanceof DirectoryRefusal) {
    log.warn({ transactionId, cause: error }, 'What is kept in a directory was not changed.');
    return answer(403, 'This cannot be changed here.');
  }
  if (error instanceof AnswerTooLarge) {
    log.warn({ transactionId }, 'An answer is larger than one may be. The client has to ask for less at once.');
    return answer(400, error.message);
  }
  if (error instanceof DirectoryTooLarge) return answer(400, error.message);
  if (error instanceof SyntaxError) return answer(400, error.message);
  if (error instanceof BodyRefused) {
    return error.statusCode === 413
      ? answer(413, `The body is larger than ${error.limit ?? MAX_BODY_BYTES} bytes.`)
      : answer(415, 'The body must be application/json in UTF-8.');
  }
  log.error({ transactionId, cause: error }, 'An unexpected error.');
  return answer(500, 'Internal Server Error');
};
