import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../platform/log.ts';
import { logRequest } from './log-request.ts';
import type { Measures } from './measures.ts';

/** A request, with what is known of it by now. */
export type RoutedRequest = IncomingMessage & {
  /** The pattern of its address, with nothing that a client chose. */
  route?: string;
  transactionId?: string;
  realm?: string;
  /** Its answer is meant to take long: a stream, or a page that waits for a phone. */
  isHeld?: boolean;
  /** Ends the turn that the request has taken for its work, once it is answered. */
  endTurn?: () => void;
};

/** Notes the realm that a request is for. What a caller calls a realm that does not exist is not written down. */
export const nameRealm = (request: RoutedRequest, realm: { readonly realm: string } | undefined): void => {
  if (realm !== undefined) request.realm = realm.realm;
};

/** Of an address that leads nowhere, and of a request that was refused before that was known. */
const NO_ROUTE = 'none';

const STATUS_CLASSES = ['0xx', '1xx', '2xx', '3xx', '4xx', '5xx'] as const;
const ABORTED = 'aborted';

const classOf = ({ headersSent, statusCode }: ServerResponse): string =>
  headersSent ? (STATUS_CLASSES[Math.trunc(statusCode / 100)] ?? ABORTED) : ABORTED;

export interface HttpObserver {
  /** Has a request answered by `serve`, and sees it to its end, whichever that is. */
  exchange(request: IncomingMessage, response: ServerResponse, serve: () => void): void;
}

/** Counts and logs requests once they are over; a connection that breaks ends them, too. */
export const httpObserver = (
  { httpRequests, httpSeconds, httpInFlight }: Pick<Measures, 'httpRequests' | 'httpSeconds' | 'httpInFlight'>,
  elapsed: () => number,
  log: Logger,
): HttpObserver => ({
  exchange(request, response, serve) {
    const begin = elapsed();
    httpInFlight.add(1);
    response.once('close', () => {
      const { route = NO_ROUTE, transactionId = '', realm, isHeld = false }: RoutedRequest = request;
      const { method = '' } = request;
      const millis = elapsed() - begin;
      httpInFlight.add(-1);
      httpRequests.add(1, route, method, classOf(response));
      httpSeconds.observe(millis / 1_000, route);
      logRequest(log, { transactionId, method, route, realm, status: response.statusCode, millis, isHeld });
    });
    serve();
  },
});
