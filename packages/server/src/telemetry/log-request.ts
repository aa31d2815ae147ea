import type { Logger } from '../platform/log.ts';

/** A request that was answered, or left by its caller. */
export interface AnsweredRequest {
  readonly transactionId: string;
  readonly method: string;
  /** With the names of its variable parts. Never the address: links and codes stand in it. */
  readonly route: string;
  readonly realm?: string | undefined;
  readonly status: number;
  /** From its head to the end of its answer. */
  readonly millis: number;
  /** It is meant to take long: a stream, or a page that waits for a phone. */
  readonly isHeld: boolean;
}

const SLOW_MILLIS = 1_000;

/** Every request for those who look closely, and for everybody those that somebody has waited for (OPS-57). */
export const logRequest = (
  log: Logger,
  { isHeld, millis, transactionId, method, route, realm, status }: AnsweredRequest,
): void => {
  const fields = { transactionId, method, route, realm, status, millis: Math.round(millis) };
  if (millis > SLOW_MILLIS && !isHeld) log.warn(fields, 'A request took longer than a second.');
  else log.debug(fields, 'A request was answered.');
};
