import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse as parseQuery } from 'node:querystring';
import type { Configuration } from '@assent/engine';
import { type ErrorBody, errorBody, formatErrorV1 } from '@assent/wire';
import { all as addressesOf, compile as trusted } from '@fastify/proxy-addr';
import type { Logger } from '../log.ts';
import type { Settings } from '../settings.ts';
import { type Answer, header, type ServedRequest } from './call.ts';
import { errorAnswer } from './error-answer.ts';
import { demandJson, readJsonBody } from './json-body.ts';
import { writeJson } from './json-response.ts';
import type { OriginRules } from './origin-rules.ts';
import type { OwnHost } from './own-host.ts';
import { parseRealmPath, realmOfQuery } from './realm-path.ts';
import type { RouteTable } from './route-table.ts';
import { transactionIdOf } from './transaction-id.ts';

export interface JsonApiOptions {
  readonly settings: Settings;
  readonly configuration: Configuration;
  readonly routes: RouteTable;
  readonly origins: OriginRules;
  readonly ownHost: OwnHost;
  readonly log: Logger;
}

/** Resources that only phones call: no page of another origin may, whatever the realm lists. */
const isForPhonesOnly = (resource: readonly string[]): boolean => resource[0] === 'push';

/** Resources that only those call who administer; the same is true of them (security-reliability §6 "CORS"). */
const ADMINISTRATION = new Set(['global-config', 'metrics', 'realm-config', 'scripts']);
const isForAdministrators = ([first = '']: readonly string[]): boolean => ADMINISTRATION.has(first);

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});
const NOT_FOUND = errorBody(404, 'Not Found');

/**
 * Everything under `{am}/json`, on Node's own HTTP server: journeys are stepped here, and most of what a framework does for a
 * page is work that no step has a use for (docs/adr/0020).
 */
export class JsonApi {
  readonly #options: JsonApiOptions;
  readonly #prefix: string;
  readonly #isTrusted: ((address: string, hop: number) => boolean) | undefined;

  constructor(options: JsonApiOptions) {
    this.#options = options;
    const { contextPath, trustedProxies } = options.settings;
    this.#prefix = `${contextPath}/json/`;
    this.#isTrusted = trustedProxies.length === 0 ? undefined : trusted([...trustedProxies]);
  }

  /** Whether an address is one of its own. */
  serves(url: string): boolean {
    return url.startsWith(this.#prefix);
  }

  /** Answers one request, whatever becomes of it. */
  async answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = incoming as ServedRequest;
    const { log } = this.#options;
    const transactionId = transactionIdOf(request.headers['x-forgerock-transactionid'], randomUUID);
    const exchange: Exchange = { request, response, transactionId, cors: NO_HEADERS };
    try {
      const answer = await this.#answerOf(exchange);
      if (answer !== undefined) writeJson(response, answer, exchange.cors, transactionId);
    } catch (error) {
      // A client that has gone away hears nothing more.
      if (response.headersSent || response.destroyed) {
        log.info({ transactionId, err: error }, 'A request ended before its answer.');
        return;
      }
      const { body, headers } = errorAnswer(error, transactionId, log);
      // Whatever else the client meant to send is not read.
      if (!request.complete) response.shouldKeepAlive = false;
      writeJson(response, refusal(request, body, headers), exchange.cors, transactionId);
    }
  }

  async #answerOf(exchange: Exchange): Promise<Answer | undefined> {
    const { request, response, transactionId } = exchange;
    const { configuration, origins, ownHost, routes } = this.#options;
    const refuse = (body: ErrorBody, headers?: Answer['headers']) => refusal(request, body, headers);
    if (!ownHost.isNamedBy(request)) {
      return refuse(errorBody(400, 'This server is not reached by that host name.'));
    }
    const { url, method, headers } = request;
    if (method !== 'GET') demandJson(headers);
    const end = url.indexOf('?');
    const address = end < 0 ? url : url.slice(0, end);
    const path = parseRealmPath(address.slice(this.#prefix.length).replace(/\/$/, ''));
    if (path === undefined) return refuse(NOT_FOUND);
    const query = parseQuery(end < 0 ? '' : url.slice(end + 1)) as Readonly<Record<string, string | undefined>>;
    const realmPath = realmOfQuery(typeof query.realm === 'string' ? query.realm : undefined) ?? path.realm;
    const realm = configuration.realm(realmPath);
    const isForPhones = isForPhonesOnly(path.resource);
    const listing = isForPhones || isForAdministrators(path.resource) ? undefined : realm;
    if (method === 'OPTIONS') {
      return { status: 204, body: undefined, headers: origins.preflightHeaders(headers, listing) };
    }
    exchange.cors = origins.corsHeaders(headers, listing);
    if (method !== 'GET' && !isForPhones) {
      const forged = origins.forgery(headers, listing);
      if (forged !== undefined) return refuse(errorBody(403, forged));
    }
    const match = routes.find(method, path.resource);
    if ('allowed' in match) {
      if (match.allowed.length === 0) return refuse(NOT_FOUND);
      const body = errorBody(405, 'The resource does not answer to this method.');
      return refuse(body, { allow: match.allowed.join(', ') });
    }
    return match.handler({
      request,
      response,
      clientAddress: this.#clientAddress(request),
      realmPath,
      realm,
      names: match.names,
      query,
      body: method === 'GET' ? undefined : await readJsonBody(request, address),
      transactionId,
      isFromListedOrigin: origins.isListed(headers, listing),
    });
  }

  #clientAddress(request: IncomingMessage): string {
    const own = request.socket.remoteAddress ?? '';
    return this.#isTrusted === undefined ? own : (addressesOf(request, this.#isTrusted).at(-1) ?? own);
  }
}

/** One request and its response; what the caller's origin may see is known once the realm is. */
interface Exchange {
  readonly request: ServedRequest;
  readonly response: ServerResponse;
  readonly transactionId: string;
  cors: Readonly<Record<string, string>>;
}

const refusal = (request: ServedRequest, body: ErrorBody, headers?: Answer['headers']): Answer => {
  const isV1 =
    /resource=1\.\d/.test(header(request, 'accept-api-version') ?? '') && request.url.includes('/authenticate');
  return { status: body.code, body: isV1 ? formatErrorV1(body) : body, ...(headers && { headers }) };
};
