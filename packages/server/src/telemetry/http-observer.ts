import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Measures } from './measures.ts';

/** A request whose route is known by now: the pattern of its address, with nothing that a client chose. */
export type RoutedRequest = IncomingMessage & { route?: string };

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

/** Counts requests once they are over; a connection that breaks ends them, too. */
export const httpObserver = (
  { httpRequests, httpSeconds, httpInFlight }: Pick<Measures, 'httpRequests' | 'httpSeconds' | 'httpInFlight'>,
  elapsed: () => number,
): HttpObserver => ({
  exchange(request, response, serve) {
    const begin = elapsed();
    httpInFlight.add(1);
    response.once('close', () => {
      const { route = NO_ROUTE } = request as RoutedRequest;
      httpInFlight.add(-1);
      httpRequests.add(1, route, request.method ?? '', classOf(response));
      httpSeconds.observe((elapsed() - begin) / 1_000, route);
    });
    serve();
  },
});
