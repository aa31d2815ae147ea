import type { RealmSettings } from '@assent/engine';
import { type Endpoint, errorAnswer, namedClient, OAuthError, type OAuthRequest, tellable } from '@assent/oidc';
import { isJourneyError } from '@assent/wire';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { pacedRequest, type RequestPace, TOO_BUSY } from '../../bounds/request-pace.ts';
import type { Cookies } from '../../http/cookies.ts';
import type { OriginRules } from '../../http/origin-rules.ts';
import { FORM } from '../../http/parameters.ts';
import { RouteTable } from '../../http/route-table.ts';
import { JSON_HEADERS } from '../../http/security-headers.ts';
import type { OAuthPages } from '../../pages/oauth-pages.ts';
import { sendPage } from '../../pages/send-page.ts';
import type { Logger } from '../../platform/log.ts';
import type { LiveConfiguration } from '../../realms/live-configuration.ts';
import { OAUTH2_RESOURCES, parseOAuth2Path, realmOfQuery } from '../../realms/realm-path.ts';
import { nameRealm, type RoutedRequest } from '../../telemetry/http-observer.ts';
import { sendOAuthAnswer } from './oauth-answer.ts';
import { formOf, NOT_A_FORM, oauthRequest, parseStrictForm } from './oauth-request.ts';

export interface OAuth2RoutesOptions {
  readonly publicUrl: string;
  readonly contextPath: string;
  readonly configuration: Pick<LiveConfiguration, 'catchUpWith' | 'client' | 'realm' | 'realmPathOf'>;
  readonly origins: OriginRules;
  readonly cookies: Cookies;
  readonly pace: Pick<RequestPace, 'next'>;
  readonly log: Logger;
  /** By `METHOD path` below the realm. */
  readonly endpoints: Readonly<Record<string, Endpoint>>;
  /** Absent where the pages are not built: what would be a page is answered as JSON then. */
  readonly pages: OAuthPages | undefined;
}

const MAX_FORM_BYTES = 16_384;
const MAX_TOLD_PATH = 200;

/** All that somebody may try: what an address does not answer to is said in the shape of OAuth, too. */
const METHODS = ['GET', 'HEAD', 'POST', 'OPTIONS', 'PUT', 'PATCH', 'DELETE'];

/** Where a client that knows OAuth and no OpenID Connect reads what a provider does (RFC 8414 §3). */
const SERVER_METADATA = '/.well-known/oauth-authorization-server';

/** Addresses that people come to: what goes wrong there is told by a page. */
const FOR_PEOPLE = new Set(['authorize', 'connect/endSession', 'device/user']);

/** What wants nobody's mending: a device that asks every few seconds, and a token that has run out, as all do. */
const isOrdinary = ({ code, detail }: OAuthError): boolean =>
  code === 'authorization_pending' || (code === 'invalid_token' && detail === undefined);

const notFound = (what: string): OAuthError => new OAuthError('invalid_request', { description: what, status: 404 });
const noSuchRealm = (): OAuthError => notFound('There is no such realm.');

/** For requests that are refused while the event loop is busy; no line of the log is written for each. */
const BUSY = new OAuthError('temporarily_unavailable', TOO_BUSY.detail);

/** Where a request goes: to which realm's provider, and what answers there. */
interface Destination {
  readonly realm: RealmSettings;
  readonly resource: string;
  readonly endpoint: Endpoint;
}

/** Serves `{am}/oauth2` beside `{am}/json`: the same realm paths and the same origins, other bodies. */
export const addOAuth2Routes = (app: FastifyInstance, options: OAuth2RoutesOptions): RouteTable<Endpoint> => {
  const { contextPath, configuration, origins, cookies, pace, log, endpoints, pages } = options;
  const prefix = `${contextPath}/oauth2/`;
  /** There the well-known name stands before the path of the issuer; in OpenID Connect it stands after it. */
  const metadataPrefix = `${SERVER_METADATA}${prefix}`;
  const routes = new RouteTable(OAUTH2_RESOURCES, endpoints);

  const pathOf = async (request: FastifyRequest) => {
    const [address = ''] = request.url.split('?', 1);
    const below = address.startsWith(metadataPrefix)
      ? `${address.slice(metadataPrefix.length)}${SERVER_METADATA}`
      : address.slice(prefix.length).replace(/\/$/, '');
    const path = parseOAuth2Path(below);
    if (path === undefined) throw notFound('There is nothing at this address.');
    const named = realmOfQuery(request.parameters.realm) ?? path.realm;
    // An administrator may have told another instance of it a moment ago (OPS-28).
    await configuration.catchUpWith(configuration.realmPathOf(named));
    const realm = configuration.realm(configuration.realmPathOf(named));
    nameRealm(request.raw, realm);
    await pace.next(() => pacedRequest(realm?.realm, request.ip, request.headers));
    return { realm, resource: path.resource };
  };

  const destinationOf = (
    { realm, resource }: Awaited<ReturnType<typeof pathOf>>,
    { method, raw }: FastifyRequest,
    reply: FastifyReply,
  ): Destination => {
    if (realm === undefined) throw noSuchRealm();
    const match = routes.find(method, resource);
    if ('handler' in match) {
      (raw as RoutedRequest).route = `oauth2/${match.route}`;
      return { realm, resource: resource.join('/'), endpoint: match.handler };
    }
    if (match.allowed.length === 0) throw notFound('There is nothing at this address.');
    const allow = match.allowed.join(', ');
    reply.header('allow', allow);
    const description = `This address answers to ${allow} only.`;
    throw new OAuthError('invalid_request', { description, status: 405 });
  };

  /** Whose request it is. A name that no client has may be a secret in the wrong place, and is not told. */
  const clientOf = (asked: OAuthRequest): string | undefined => {
    const id = namedClient(asked);
    return id !== undefined && configuration.client(asked.realm.realm, id) !== undefined ? id : undefined;
  };

  /**
   * Says what went wrong in the words of the protocol; what a client may not know goes to the log alone (OIDC-18). Whoever mends the
   * application reads there which one it is, where it asked, and what is wrong.
   */
  const failed = (error: unknown, { transactionId, url }: FastifyRequest, asked?: OAuthRequest): OAuthError => {
    const [address = ''] = url.split('?', 1);
    const path = address.slice(0, MAX_TOLD_PATH);
    const client = asked && clientOf(asked);
    const about = { transactionId, path, ...(client !== undefined && { client }) };
    if (error instanceof OAuthError) {
      const { code, description, detail } = error;
      const found = { code, description, ...(detail !== undefined && { detail }) };
      log[isOrdinary(error) ? 'debug' : 'info']({ ...about, ...found }, 'A request to the provider was refused.');
      return error;
    }
    log.error({ ...about, cause: error }, 'A request to the provider failed.');
    return tellable(error);
  };

  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const path = await pathOf(request);
    const { realm } = path;
    await origins.prepare(request.headers, realm);
    if (request.method === 'OPTIONS') {
      return reply.code(204).headers(origins.preflightHeaders(request.headers, realm)).send();
    }
    const cors = origins.corsHeaders(request.headers, realm);
    reply.headers(cors);
    const destination = destinationOf(path, request, reply);
    const { language, parameters } = readForm(request);
    const asked = oauthRequest(request, destination.realm, parameters, options);
    await configuration.catchUpWith(asked.realm.realm, { client: namedClient(asked) });
    const isForPeople = FOR_PEOPLE.has(destination.resource);
    const isForged = isForPeople && asked.parameters.csrf !== undefined && origins.isForeignForm(request.headers);
    const outcome = await (isForged && asked.method === 'POST' ? foreignForm() : destination.endpoint(asked)).catch(
      (error: unknown) => {
        // The realm was switched off while the request was under way (SEC-89).
        if (isJourneyError(error) && error.is('REALM_UNKNOWN')) throw noSuchRealm();
        return errorAnswer(failed(error, request, asked), asked, isForPeople);
      },
    );
    const { transactionId, headers } = request;
    const [locale] = (asked.parameters.locale ?? asked.parameters.ui_locales ?? '').split(' ');
    const visit = { realm: destination.realm, headers, language, locale, transactionId };
    return sendOAuthAnswer(reply, outcome, {
      transactionId,
      cookies,
      sendPage: (status, page) => {
        // A page is for the person alone: it holds a code for another application, or the proof that the person was asked (OIDC-09).
        for (const name of Object.keys(cors)) reply.removeHeader(name);
        return pages === undefined
          ? sendError(request, reply, new OAuthError('server_error', { description: 'The pages are not built.' }))
          : sendPage(request, reply, status, pages.render(page, visit));
      },
    });
  };

  /** What a person decides is decided on a page of ours, whatever proof the form of another one holds (OIDC-09). */
  const foreignForm: () => ReturnType<Endpoint> = async () => {
    throw new OAuthError('invalid_request', { description: 'Only a form of our own page is taken here.' });
  };

  /** What a page adds to its form for itself is no parameter. */
  const readForm = (request: FastifyRequest) => {
    const form = formOf(request);
    return pages?.readForm(form) ?? { language: undefined, parameters: form };
  };

  /** For what failed before anybody knew whose request it is. */
  const sendError = (request: FastifyRequest, reply: FastifyReply, error: OAuthError): FastifyReply =>
    reply
      .code(error.status)
      .headers({
        ...JSON_HEADERS,
        'x-transaction-id': request.transactionId,
        ...(error.retryAfterSeconds !== undefined && { 'retry-after': String(error.retryAfterSeconds) }),
      })
      .type('application/json; charset=utf-8')
      .send(JSON.stringify(error.body));

  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(FORM, { parseAs: 'buffer', bodyLimit: MAX_FORM_BYTES }, (_request, bytes, done) => {
      try {
        done(null, parseStrictForm(bytes as Buffer));
      } catch (error) {
        done(error as Error);
      }
    });
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MAX_FORM_BYTES }, (_request, bytes, done) =>
      done(null, (bytes as Buffer).length === 0 ? undefined : NOT_A_FORM),
    );
    scope.setErrorHandler<FastifyError>((error, request, reply) => {
      if (error === TOO_BUSY) return sendError(request, reply, BUSY);
      if (error instanceof OAuthError) return sendError(request, reply, failed(error, request));
      // RFC 6749 §3.1: no parameter may be there twice.
      if (error instanceof SyntaxError) {
        return sendError(request, reply, new OAuthError('invalid_request', { description: error.message }));
      }
      const { statusCode: status = 500 } = error;
      if (status >= 500) return sendError(request, reply, failed(error, request));
      const description = 'The request cannot be read.';
      return sendError(request, reply, new OAuthError('invalid_request', { description, status }));
    });
    for (const url of [`${prefix}*`, `${metadataPrefix}*`]) {
      scope.route({ method: METHODS, url, handler: answer });
    }
  });
  return routes;
};
