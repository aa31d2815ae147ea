import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../platform/log.ts';
import { systemRandom } from '../platform/system-ports.ts';
import type { ServedRequest } from './call.ts';
import { errorAnswer } from './error-answer.ts';
import {
  type HttpAnswer,
  HttpCall,
  type HttpHandler,
  type HttpRoutes,
  jsonAnswer,
  notFound,
  refusalAnswer,
} from './http-call.ts';
import type { PublicHost } from './public-host.ts';
import { type Match, RouteTable } from './route-table.ts';
import { transactionIdOf } from './transaction-id.ts';
import type { TrustedProxies } from './trusted-proxies.ts';
import { writeAnswer } from './write-answer.ts';

/** A handler of all addresses that begin with one of some prefixes, with any method. It answers its own errors. */
export interface Mount {
  readonly prefixes: readonly string[];
  readonly handler: HttpHandler;
}

export interface RouterOptions {
  /** By path from the root of the host. */
  readonly routes: HttpRoutes;
  readonly mounts: readonly Mount[];
  /** `/am`, or empty: left out of what is told of a request. */
  readonly contextPath: string;
  /** Addresses that answer by any host name begin with one of these: probes have none. */
  readonly anyHostPrefixes: readonly string[];
  readonly ownHost: Pick<PublicHost, 'isNamedBy'>;
  readonly proxies: TrustedProxies;
  readonly log: Logger;
}

const NO_NAMES = Object.freeze({});

/** Everything outside `{am}/json`: pages, files, health, metrics and the provider. */
export class Router {
  readonly #options: RouterOptions;
  readonly #table: RouteTable<HttpHandler>;

  constructor(options: RouterOptions) {
    this.#options = options;
    // Each path begins with a slash, so the first segment is empty.
    this.#table = new RouteTable(new Set(['']), options.routes);
  }

  /** Answers one request; an error is answered, too. */
  answer(incoming: IncomingMessage, response: ServerResponse): void {
    const request = incoming as ServedRequest;
    const transactionId = transactionIdOf(request.headers['x-forgerock-transactionid'], systemRandom.uuid);
    request.transactionId = transactionId;
    const onError = (error: unknown) => this.#fail(request, response, transactionId, error);
    this.#answerOf(request, response, transactionId)
      .then((answer) => {
        if (answer === undefined) request.isHeld = true;
        else writeAnswer(response, answer);
      })
      .catch(onError);
  }

  async #answerOf(
    request: ServedRequest,
    response: ServerResponse,
    transactionId: string,
  ): Promise<HttpAnswer | undefined> {
    const { mounts, anyHostPrefixes, ownHost, proxies } = this.#options;
    const { url } = request;
    const mount = mounts.find(({ prefixes }) => prefixes.some((prefix) => url.startsWith(prefix)));
    const match = mount === undefined ? this.#matchOf(request) : undefined;
    if (match !== undefined) request.route = this.#labelOf(match.route);
    const call = new HttpCall(request, response, { transactionId, names: match?.names ?? NO_NAMES, proxies });
    if (!ownHost.isNamedBy(request) && !anyHostPrefixes.some((prefix) => url.startsWith(prefix))) {
      return refusalAnswer(call, 400, 'This server is not reached by that host name.');
    }
    if (mount !== undefined) return mount.handler(call);
    // Also for handlers that read no parameter: each address refuses a duplicate.
    void call.parameters;
    return match === undefined ? notFound(call) : match.handler(call);
  }

  /** Throws a `SyntaxError` for a path that cannot be decoded. */
  #matchOf({ url, method }: ServedRequest): Match<HttpHandler> | undefined {
    const [path = ''] = url.split('?', 1);
    const match = this.#table.find(method, path.split('/').map(decoded));
    return 'handler' in match ? match : undefined;
  }

  #labelOf(route: string): string {
    const { contextPath } = this.#options;
    return route.slice(route.startsWith(`${contextPath}/`) ? contextPath.length + 1 : 1);
  }

  #fail(request: ServedRequest, response: ServerResponse, transactionId: string, error: unknown): void {
    const { log } = this.#options;
    if (response.headersSent || response.destroyed) {
      log.info({ transactionId, cause: error }, 'A request ended before its answer.');
      return;
    }
    const { status, body, headers } = errorAnswer(error, transactionId, log);
    // The rest of the body is not read.
    if (!request.complete) response.shouldKeepAlive = false;
    writeAnswer(response, jsonAnswer(status, body, { 'x-transaction-id': transactionId, ...headers }));
  }
}

const decoded = (segment: string): string => {
  try {
    return segment.includes('%') ? decodeURIComponent(segment) : segment;
  } catch (cause) {
    throw new SyntaxError('The request cannot be read.', { cause });
  }
};
