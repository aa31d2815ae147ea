import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import type { boundedResponses } from '../bounds/bounded-response.ts';
import type { RequestPace } from '../bounds/request-pace.ts';
import type { Health } from '../platform/health.ts';
import type { HttpObserver } from '../telemetry/http-observer.ts';
import type { JsonApi } from './json-api.ts';
import type { Router } from './router.ts';

export interface HttpServerOptions {
  readonly api: Pick<JsonApi, 'serves' | 'answer'>;
  readonly router: Pick<Router, 'answer'>;
  /** Connections end with their next answer, once it drains, so that none is at rest when the listener closes. */
  readonly health: Pick<Health, 'isDraining'>;
  readonly observer: HttpObserver;
  /** The class of all responses. */
  readonly ServerResponse: ReturnType<typeof boundedResponses>;
  /** Is told of each new connection. */
  readonly pace: Pick<RequestPace, 'accepted'>;
}

export interface HttpServer {
  readonly server: Server;
  /** Throws what the system says where it cannot. */
  listen(at: { readonly host: string; readonly port: number }): Promise<void>;
  /** Resolves once all requests that are under way are answered; without having listened, at once. */
  close(): Promise<void>;
}

const LIMITS_OF_REQUESTS = {
  maxHeaderSize: 16_384,
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 65_000,
} as const;

/**
 * A server of Node with the limits of all servers of this process. Node leaves out the headers after the first 1,000 unless it is told that any
 * number is allowed, so that a second `Host` or the address of the caller is not seen. The bytes of headers have a limit anyway.
 */
export const createLimitedServer = (
  options: Pick<ServerOptions, 'ServerResponse'>,
  answer: RequestListener,
): Server => {
  const server = createServer({ ...LIMITS_OF_REQUESTS, ...options }, answer);
  server.maxHeadersCount = 0;
  return server;
};

/** The one HTTP server of the process: `{am}/json` goes to the API, and everything else to the router. */
export const createHttpServer = (options: HttpServerOptions): HttpServer => {
  const { api, router, health, observer, ServerResponse, pace } = options;
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    if (health.isDraining) response.shouldKeepAlive = false;
    observer.exchange(request, response, () => {
      if (api.serves(request.url ?? '')) api.answer(request, response);
      else router.answer(request, response);
    });
  };
  const server = createLimitedServer({ ServerResponse }, answer);
  // Node keeps the address with the socket once it was read. A client that disconnects after its request is still counted by its address (SEC-56).
  server.on('connection', (socket) => {
    pace.accepted();
    if (socket.remoteAddress === undefined) socket.destroy();
  });
  return {
    server,
    async listen({ host, port }) {
      server.listen(port, host);
      await once(server, 'listening');
    },
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
};
