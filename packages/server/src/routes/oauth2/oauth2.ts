import type { RealmSettings } from '@assent/engine';
import { type Endpoint, errorAnswer, namedClient, OAuthError, type OAuthRequest, tellable } from '@assent/oidc';
import { isJourneyError } from '@assent/wire';
import { pacedRequest, type RequestPace, TOO_BUSY } from '../../bounds/request-pace.ts';
import { BodyRefused } from '../../http/body-bytes.ts';
import type { Cookies } from '../../http/cookies.ts';
import { type HttpAnswer, type HttpCall, jsonAnswer } from '../../http/http-call.ts';
import type { OriginRules } from '../../http/origin-rules.ts';
import { RouteTable } from '../../http/route-table.ts';
import type { Mount } from '../../http/router.ts';
import type { OAuthPages } from '../../pages/oauth-pages.ts';
import { pageAnswer } from '../../pages/page-answer.ts';
import type { Logger } from '../../platform/log.ts';
import type { LiveConfiguration } from '../../realms/live-configuration.ts';
import { OAUTH2_RESOURCES, parseOAuth2Path, realmOfQuery } from '../../realms/realm-path.ts';
import { nameRealm } from '../../telemetry/http-observer.ts';
import { httpAnswerOf } from './oauth-answer.ts';
import { formOf, oauthRequest } from './oauth-request.ts';

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

const MAX_TOLD_PATH = 200;

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

/** Serves `{am}/oauth2`, with the realm paths and origins of `{am}/json` and other bodies. `keys` are its routes below a realm. */
export const oauth2Mount = (options: OAuth2RoutesOptions): Mount & Pick<RouteTable, 'keys'> => {
  const { contextPath, configuration, origins, cookies, pace, log, endpoints, pages } = options;
  const prefix = `${contextPath}/oauth2/`;
  /** There the well-known name stands before the path of the issuer; in OpenID Connect it stands after it. */
  const metadataPrefix = `${SERVER_METADATA}${prefix}`;
  const routes = new RouteTable(OAUTH2_RESOURCES, endpoints);

  const pathOf = async (call: HttpCall) => {
    const [address = ''] = call.url.split('?', 1);
    const below = address.startsWith(metadataPrefix)
      ? `${address.slice(metadataPrefix.length)}${SERVER_METADATA}`
      : address.slice(prefix.length).replace(/\/$/, '');
    const path = parseOAuth2Path(below);
    if (path === undefined) throw notFound('There is nothing at this address.');
    const named = realmOfQuery(call.parameters.realm) ?? path.realm;
    // An administrator may have told another instance of it a moment ago (OPS-28).
    await configuration.catchUpWith(configuration.realmPathOf(named));
    const realm = configuration.realm(configuration.realmPathOf(named));
    nameRealm(call.request, realm);
    await pace.next(() => pacedRequest(realm?.realm, call.clientAddress, call.headers));
    return { realm, resource: path.resource };
  };

  const destinationOf = (
    { realm, resource }: Awaited<ReturnType<typeof pathOf>>,
    { request }: HttpCall,
  ): Destination => {
    if (realm === undefined) throw noSuchRealm();
    const match = routes.find(request.method, resource);
    if ('handler' in match) {
      request.route = `oauth2/${match.route}`;
      return { realm, resource: resource.join('/'), endpoint: match.handler };
    }
    if (match.allowed.length === 0) throw notFound('There is nothing at this address.');
    throw new WrongMethod(match.allowed.join(', '));
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
  const failed = (error: unknown, { transactionId, url }: HttpCall, asked?: OAuthRequest): OAuthError => {
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

  /** Answers once the path is read; `cors` is what all its answers and refusals say to the origin. */
  const answerTo = async (
    call: HttpCall,
    path: Awaited<ReturnType<typeof pathOf>>,
    cors: HttpAnswer['headers'],
  ): Promise<HttpAnswer> => {
    const { transactionId, headers } = call;
    const destination = destinationOf(path, call);
    const { language, parameters } = await readForm(call);
    const asked = oauthRequest(call, destination.realm, parameters, options);
    await configuration.catchUpWith(asked.realm.realm, { client: namedClient(asked) });
    const isForPeople = FOR_PEOPLE.has(destination.resource);
    const isForged = isForPeople && asked.parameters.csrf !== undefined && origins.isForeignForm(headers);
    const outcome = await (isForged && asked.method === 'POST' ? foreignForm() : destination.endpoint(asked)).catch(
      (error: unknown) => {
        // The realm was switched off while the request was under way (SEC-89).
        if (isJourneyError(error) && error.is('REALM_UNKNOWN')) throw noSuchRealm();
        return errorAnswer(failed(error, call, asked), asked, isForPeople);
      },
    );
    const [locale] = (asked.parameters.locale ?? asked.parameters.ui_locales ?? '').split(' ');
    const visit = { realm: destination.realm, headers, language, locale, transactionId };
    const named = { 'x-transaction-id': transactionId };
    return httpAnswerOf(outcome, {
      // A page is for the person alone: it holds a code for another application, or the proof that the person was asked (OIDC-09).
      headers: outcome.kind === 'page' ? named : { ...cors, ...named },
      cookies,
      pageOf: (status, page) =>
        pages === undefined
          ? refusalOf(call, new OAuthError('server_error', { description: 'The pages are not built.' }))
          : pageAnswer(call, status, pages.render(page, visit)),
    });
  };

  const handler = async (call: HttpCall): Promise<HttpAnswer> => {
    let cors: HttpAnswer['headers'] = {};
    try {
      const path = await pathOf(call);
      await origins.prepare(call.headers, path.realm);
      if (call.request.method === 'OPTIONS') {
        return { status: 204, headers: origins.preflightHeaders(call.headers, path.realm) };
      }
      cors = origins.corsHeaders(call.headers, path.realm);
      return await answerTo(call, path, cors);
    } catch (error) {
      // The rest of the body is not read.
      if (error instanceof BodyRefused) call.response.shouldKeepAlive = false;
      return refusalOf(call, refusalFor(error, call), cors);
    }
  };

  /** Why a request is refused, or failed, before an endpoint was asked. */
  const refusalFor = (error: unknown, call: HttpCall): OAuthError => {
    if (error === TOO_BUSY) return BUSY;
    if (error instanceof OAuthError) return failed(error, call);
    // RFC 6749 §3.1: no parameter may be there twice.
    if (error instanceof SyntaxError) return new OAuthError('invalid_request', { description: error.message });
    if (!(error instanceof BodyRefused)) return failed(error, call);
    return new OAuthError('invalid_request', {
      description: 'The request cannot be read.',
      status: error.statusCode,
    });
  };

  /** What a person decides is decided on a page of ours, whatever proof the form of another one holds (OIDC-09). */
  const foreignForm: () => ReturnType<Endpoint> = async () => {
    throw new OAuthError('invalid_request', { description: 'Only a form of our own page is taken here.' });
  };

  /** What a page adds to its form for itself is no parameter. */
  const readForm = async (call: HttpCall) => {
    const form = await formOf(call);
    return pages?.readForm(form) ?? { language: undefined, parameters: form };
  };

  return { prefixes: [prefix, metadataPrefix], handler, keys: routes.keys };
};

/** A refusal before anybody knew whose request it is. */
const refusalOf = (call: HttpCall, error: OAuthError, headers: HttpAnswer['headers'] = {}): HttpAnswer =>
  jsonAnswer(error.status, error.body, {
    ...headers,
    'x-transaction-id': call.transactionId,
    ...(error instanceof WrongMethod && { allow: error.allow }),
    ...(error.retryAfterSeconds !== undefined && { 'retry-after': String(error.retryAfterSeconds) }),
  });

/** An address that answers to other methods alone. */
class WrongMethod extends OAuthError {
  readonly allow: string;

  constructor(allow: string) {
    super('invalid_request', { description: `This address answers to ${allow} only.`, status: 405 });
    this.allow = allow;
  }
}
