import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RealmSettings } from '@assent/engine';
import { PUSH_SERVICE } from '@assent/push';
import { type ErrorBody, errorBody, formatErrorV1 } from '@assent/wire';
import { pacedRequest, type RequestPace } from '../bounds/request-pace.ts';
import type { Logger } from '../platform/log.ts';
import { systemRandom } from '../platform/system-ports.ts';
import type { LiveConfiguration } from '../realms/live-configuration.ts';
import type { Settings } from '../settings/settings.ts';
import { nameRealm } from '../telemetry/http-observer.ts';
import { type Address, Addresses } from './address.ts';
import { type Answer, header, realmOfCall, type ServedRequest } from './call.ts';
import { errorAnswer } from './error-answer.ts';
import { demandJson, readJsonBody } from './json-body.ts';
import type { OriginRules } from './origin-rules.ts';
import type { PublicHost } from './public-host.ts';
import type { Match, RouteTable } from './route-table.ts';
import { transactionIdOf } from './transaction-id.ts';
import type { TrustedProxies } from './trusted-proxies.ts';
import { writeJson } from './write-answer.ts';

export interface JsonApiOptions {
  readonly settings: Settings;
  readonly configuration: Pick<
    LiveConfiguration,
    'catchUpWith' | 'realm' | 'realmPathOf' | 'realmPathOfHost' | 'refresh'
  >;
  readonly routes: RouteTable;
  readonly origins: OriginRules;
  readonly ownHost: PublicHost;
  readonly proxies: TrustedProxies;
  readonly pace: Pick<RequestPace, 'next'>;
  readonly log: Logger;
}

/** Resources that only phones call: no page of another origin may, whatever the realm lists. */
const isForPhonesOnly = (resource: readonly string[]): boolean => resource[0] === 'push';

/** Resources that only those call who administer; the same is true of them (security-reliability §6 "CORS"). */
const ADMINISTRATION = new Set(['global-config', 'metrics', 'realm-config', 'scripts']);
const isForAdministrators = ([first = '']: readonly string[]): boolean => ADMINISTRATION.has(first);

/**
 * Resources that the page of an application calls to sign its user in and out. All else of a user it gets by a token, as far as that
 * goes, and not by the cookie of whoever happens to be signed in; a page that may do more, the realm lists itself.
 */
const SIGN_IN = new Set(['authenticate', 'serverinfo', 'sessions']);
const isForApplications = ([first = '']: readonly string[]): boolean => SIGN_IN.has(first);

/** Probes come by whichever name, or by none (design.md §3.3 "Host check"). */
const isHealth = (address: Address | undefined): boolean => address?.resource[0] === 'health';

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});
const NOT_FOUND = errorBody(404, 'Not Found');
/** For what may be a resource of AM, so that nobody looks for a mistake in the address. */
export const NOT_SUPPORTED = errorBody(404, 'Not Found: this resource is not supported here.');

/** Everything under `{am}/json`. Journeys are stepped here, so a request makes few promises and reads its address once (ADR 20). */
export class JsonApi {
  readonly #options: JsonApiOptions;
  readonly #prefix: string;
  readonly #addresses: Addresses;
  readonly #originsOfRealms: OriginRules;

  constructor(options: JsonApiOptions) {
    this.#options = options;
    const { contextPath } = options.settings;
    this.#prefix = `${contextPath}/json/`;
    this.#addresses = new Addresses(this.#prefix);
    this.#originsOfRealms = options.origins.withoutClients();
  }

  /** Whether an address is one of its own. */
  serves(url: string): boolean {
    return url.startsWith(this.#prefix);
  }

  /** Answers one request, whatever becomes of it. Without promises of its own: this is done for every step of every journey. */
  answer(incoming: IncomingMessage, response: ServerResponse): void {
    const request = incoming as ServedRequest;
    const transactionId = transactionIdOf(request.headers['x-forgerock-transactionid'], systemRandom.uuid);
    const exchange: Exchange = { request, response, transactionId, cors: NO_HEADERS };
    request.transactionId = transactionId;
    const onError = (error: unknown) => {
      request.endTurn?.();
      this.#fail(exchange, error);
    };
    const onAnswer = (answer: Answer | undefined) => {
      try {
        if (answer === undefined) request.isHeld = true;
        else writeJson(response, answer, exchange.cors, transactionId);
        request.endTurn?.();
      } catch (error) {
        onError(error);
      }
    };
    const proceed = (address: Address | undefined) => {
      const admitted = this.#admit(exchange, address);
      if ('status' in admitted) {
        onAnswer(admitted);
        return;
      }
      const onBody = (body: unknown) => {
        try {
          this.#handle(exchange, admitted, body).then(onAnswer, onError);
        } catch (error) {
          onError(error);
        }
      };
      const begin = (next: () => void) => {
        const turn = isHealth(address) ? undefined : this.#turnOf(request, admitted.realm);
        if (turn === undefined) next();
        else turn.then(next).catch(onError);
      };
      const { answersUnreadable } = admitted.match.handler;
      const onBodyError = (error: unknown) =>
        answersUnreadable && error instanceof SyntaxError ? onBody(undefined) : onError(error);
      if (request.method === 'GET') begin(() => onBody(undefined));
      else readJsonBody(request, admitted.address.bodyLimits, { begin, onBody, onError: onBodyError });
    };
    try {
      const address = this.#addresses.read(request.url);
      const prepared = () => {
        const origins = this.#originsToRead(request, address);
        if (origins === undefined) proceed(address);
        else origins.then(() => proceed(address)).catch(onError);
      };
      const newer = this.#newerConfiguration(request, address);
      if (newer === undefined) prepared();
      else newer.then(prepared).catch(onError);
    } catch (error) {
      onError(error);
    }
  }

  /**
   * What is to be waited for before the request is looked at: who administers sees what they wrote by another instance, and what is not
   * known here may be there by now (OPS-28). Undefined for every step of every journey that is known.
   */
  #newerConfiguration(request: ServedRequest, address: Address | undefined): Promise<void> | undefined {
    const { configuration } = this.#options;
    if (address === undefined || request.method === 'OPTIONS' || isHealth(address)) return undefined;
    const { resource, query } = address;
    if (isForAdministrators(resource)) return configuration.refresh();
    const realmPath = this.#realmPathOf(request, address);
    const treeOf = (realm: RealmSettings | undefined) =>
      query.authIndexType === undefined
        ? realm?.[header(request, 'x-openam-username') === undefined ? 'defaultTree' : 'adminTree']
        : query.authIndexType === 'service'
          ? query.authIndexValue
          : undefined;
    return configuration.catchUpWith(realmPath, {
      tree: resource[0] === 'authenticate' ? treeOf(configuration.realm(realmPath)) : undefined,
      service: isForPhonesOnly(resource) ? PUSH_SERVICE : undefined,
    });
  }

  /** Origins of clients that are read before the request is looked at; undefined for every request without an origin of another site. */
  #originsToRead(request: ServedRequest, address: Address | undefined): Promise<void> | undefined {
    if (request.headers.origin === undefined || address === undefined) return undefined;
    if (!isForApplications(address.resource)) return undefined;
    const realm = this.#options.configuration.realm(this.#realmPathOf(request, address));
    return this.#options.origins.prepare(request.headers, realm);
  }

  #turnOf(request: ServedRequest, { realm }: RealmSettings): Promise<void> | undefined {
    const { pace, proxies } = this.#options;
    return pace.next(() => pacedRequest(realm, proxies.clientOf(request), request.headers));
  }

  #fail({ request, response, transactionId, cors }: Exchange, error: unknown): void {
    const { log } = this.#options;
    // A client that has gone away hears nothing more.
    if (response.headersSent || response.destroyed) {
      log.info({ transactionId, cause: error }, 'A request ended before its answer.');
      return;
    }
    const { body, headers } = errorAnswer(error, transactionId, log);
    // Whatever else the client meant to send is not read.
    if (!request.complete) response.shouldKeepAlive = false;
    writeJson(response, refusal(request, body, headers), cors, transactionId);
  }

  /** Finds out who answers, by all that can be known before the body is read; or the answer, where that is enough. */
  #admit(exchange: Exchange, address: Address | undefined): Admitted | Answer {
    const { request } = exchange;
    const { configuration, ownHost, routes } = this.#options;
    const refuse = (body: ErrorBody, headers?: Answer['headers']) => refusal(request, body, headers);
    const { method, headers } = request;
    if (!isHealth(address) && !ownHost.isNamedBy(request)) {
      return refuse(errorBody(400, 'This server is not reached by that host name.'));
    }
    if (method !== 'GET') demandJson(headers);
    if (address === undefined) return refuse(NOT_FOUND);
    const { resource } = address;
    const realmPath = this.#realmPathOf(request, address);
    const realm = configuration.realm(realmPath);
    const isForPhones = isForPhonesOnly(resource);
    const origins = isForApplications(resource) ? this.#options.origins : this.#originsOfRealms;
    const listing = isForPhones || isForAdministrators(resource) ? undefined : realm;
    if (method === 'OPTIONS') {
      return { status: 204, body: undefined, headers: origins.preflightHeaders(headers, listing) };
    }
    exchange.cors = origins.corsHeaders(headers, listing);
    if (method !== 'GET' && !isForPhones) {
      const forged = origins.forgery(headers, listing);
      if (forged !== undefined) return refuse(errorBody(403, forged));
    }
    const match = routes.find(method, resource);
    if ('allowed' in match) {
      if (match.allowed.length === 0) return refuse(isForAdministrators(resource) ? NOT_SUPPORTED : NOT_FOUND);
      const body = errorBody(405, 'The resource does not answer to this method.');
      return refuse(body, { allow: match.allowed.join(', ') });
    }
    request.route = `json/${match.route}`;
    nameRealm(request, realm);
    // Health is the health of the server, and no realm's.
    const called = realmOfCall(configuration, isHealth(address) ? '/' : realmPath);
    return { address, realmPath, realm: called, match, isFromListedOrigin: origins.isListed(headers, listing) };
  }

  /** An address that names no realm means the one that the host belongs to, else the root; a name may be an alias (AM's). */
  #realmPathOf({ url, headers }: ServedRequest, { realmPath, query }: Address): string {
    const { configuration } = this.#options;
    if (realmPath !== '/') return configuration.realmPathOf(realmPath);
    const isNamed = (query.realm ?? '') !== '' || url.startsWith(`${this.#prefix}realms/`);
    return isNamed ? realmPath : (configuration.realmPathOfHost(headers.host) ?? realmPath);
  }

  #handle({ request, response, transactionId }: Exchange, admitted: Admitted, body: unknown) {
    const { address, realmPath, realm, match, isFromListedOrigin } = admitted;
    const { proxies } = this.#options;
    return match.handler({
      request,
      response,
      clientAddress: proxies.clientOf(request),
      isFromTrustedProxy: proxies.haveSent(request),
      realmPath,
      realm,
      names: match.names,
      query: address.query,
      body,
      transactionId,
      isFromListedOrigin,
    });
  }
}

/** One request and its response; what the caller's origin may see is known once the realm is. */
interface Exchange {
  readonly request: ServedRequest;
  readonly response: ServerResponse;
  readonly transactionId: string;
  cors: Readonly<Record<string, string>>;
}

/** A request that goes to a handler, with or without a body. */
interface Admitted {
  readonly address: Address;
  /** Of the realm that is meant, whatever the address calls it. */
  readonly realmPath: string;
  readonly realm: RealmSettings;
  readonly match: Match;
  readonly isFromListedOrigin: boolean;
}

const refusal = (request: ServedRequest, body: ErrorBody, headers?: Answer['headers']): Answer => {
  const isV1 =
    /resource=1\.\d/.test(header(request, 'accept-api-version') ?? '') && request.url.includes('/authenticate');
  return { status: body.code, body: isV1 ? formatErrorV1(body) : body, ...(headers && { headers }) };
};
