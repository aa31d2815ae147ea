import { randomUUID } from 'node:crypto';
import type { Configuration } from '@assent/engine';
import { type ErrorBody, errorBody, formatErrorV1 } from '@assent/wire';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from '../log.ts';
import type { Settings } from '../settings.ts';
import { type Answer, type Call, header } from './call.ts';
import { errorAnswer, LARGEST_BODY } from './error-answer.ts';
import { writeJson } from './json-reply.ts';
import { isLoopback, type OriginRules } from './origin-rules.ts';
import { parseRealmPath, realmOfQuery } from './realm-path.ts';
import type { RouteTable } from './route-table.ts';
import { JSON_HEADERS } from './security-headers.ts';
import { decodeStrictUtf8, parseStrictJson } from './strict-json.ts';
import { transactionIdOf } from './transaction-id.ts';

/** A script of 64 KiB grows by a third in base64; what else stands in the body is small. */
const LARGEST_SCRIPT_BODY = 96 * 1024;
const isForScripts = (path: string): boolean => /\/scripts(\/[^/]*)?\/?$/.test(path);
/** A tree of some hundred nodes has more members than any other body may (SEC-65 limits those of nodes). */
const isForTrees = (path: string): boolean => /\/authenticationtrees\/trees(\/[^/]*)?\/?$/.test(path);
const MOST_TREE_MEMBERS = 5_000;
const JSON_MEDIA_TYPE = /^application\/json(\s*;\s*charset="?utf-8"?)?\s*$/i;

declare module 'fastify' {
  interface FastifyRequest {
    transactionId: string;
  }
}

export interface AppOptions {
  readonly settings: Settings;
  readonly configuration: Configuration;
  readonly routes: RouteTable;
  readonly origins: OriginRules;
  readonly log: Logger;
}

/** Resources that only phones call: no page of another origin may, whatever the realm lists. */
const isForPhonesOnly = (resource: readonly string[]): boolean => resource[0] === 'push';

/** Resources that only those call who administer; the same is true of them (security-reliability §6 "CORS"). */
const ADMINISTRATION = new Set(['global-config', 'metrics', 'realm-config', 'scripts']);
const isForAdministrators = ([first = '']: readonly string[]): boolean => ADMINISTRATION.has(first);

/** The HTTP application with everything under `{am}/json`; pages and health are added by their own modules. */
export const createApp = (options: AppOptions): FastifyInstance => {
  const { settings, configuration, routes, origins, log } = options;
  const context = settings.contextPath;
  const prefix = `${context}/json/`;
  const publicHost = new URL(settings.publicUrl);

  const app = fastify({
    bodyLimit: LARGEST_SCRIPT_BODY,
    trustProxy: settings.trustedProxies.length > 0 ? [...settings.trustedProxies] : false,
    requestTimeout: 10_000,
    keepAliveTimeout: 65_000,
    http: { maxHeaderSize: 16_384, headersTimeout: 10_000 },
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 4_096, ignoreTrailingSlash: false },
    frameworkErrors: (error, request, reply) => void fail(error, request, reply),
  });

  const send = (reply: FastifyReply, body: ErrorBody, request: FastifyRequest): FastifyReply => {
    const isV1 =
      /resource=1\.\d/.test(header(request, 'accept-api-version') ?? '') && request.url.includes('/authenticate');
    return reply
      .code(body.code)
      .headers({ ...JSON_HEADERS, 'x-transaction-id': request.transactionId })
      .type('application/json; charset=utf-8')
      .send(isV1 ? formatErrorV1(body) : body);
  };

  const fail = (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { body, headers } = errorAnswer(error, request.transactionId, log);
    return send(reply.headers(headers), body, request);
  };

  app.decorateRequest('transactionId', '');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    if (!JSON_MEDIA_TYPE.test(header(request, 'content-type') ?? '')) {
      return done(Object.assign(new Error('media type'), { statusCode: 415 }));
    }
    const [path = ''] = request.url.split('?', 1);
    const isTree = isForTrees(path);
    if (bytes.length > LARGEST_BODY && !isTree && !isForScripts(path)) {
      return done(Object.assign(new Error('body'), { statusCode: 413 }));
    }
    if (bytes.length === 0) return done(null, undefined);
    try {
      done(null, parseStrictJson(decodeStrictUtf8(bytes as Buffer), isTree ? MOST_TREE_MEMBERS : undefined));
    } catch (error) {
      done(error as Error);
    }
  });
  app.setErrorHandler((error, request, reply) => fail(error, request, reply));
  app.setNotFoundHandler((request, reply) => send(reply, errorBody(404, 'Not Found'), request));

  app.addHook('onRequest', (request, reply, done) => {
    request.transactionId = transactionIdOf(request.headers['x-forgerock-transactionid'], randomUUID);
    if (settings.insecure || isOurHost(request, publicHost) || request.url.startsWith(`${context}/health/`)) done();
    else void send(reply, errorBody(400, 'This server is not reached by that host name.'), request);
  });

  const dispatch = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const end = request.url.indexOf('?');
    const rawPath = request.url.slice(prefix.length, end < 0 ? undefined : end).replace(/\/$/, '');
    const path = parseRealmPath(rawPath);
    if (path === undefined) return send(reply, errorBody(404, 'Not Found'), request);
    const query = request.query as Readonly<Record<string, string | undefined>>;
    const realmPath = realmOfQuery(typeof query.realm === 'string' ? query.realm : undefined) ?? path.realm;
    const realm = configuration.realm(realmPath);
    const listing = isForPhonesOnly(path.resource) || isForAdministrators(path.resource) ? undefined : realm;

    if (request.method === 'OPTIONS') {
      return reply
        .code(204)
        .headers({ ...JSON_HEADERS, ...origins.preflightHeaders(request.headers, listing) })
        .send();
    }
    const cors = origins.corsHeaders(request.headers, listing);
    const refuse = (body: ErrorBody) => send(reply.headers(cors), body, request);
    if (request.method !== 'GET') {
      const forged = isForPhonesOnly(path.resource) ? undefined : origins.forgery(request.headers, listing);
      if (forged !== undefined) return refuse(errorBody(403, forged));
    }
    const match = routes.find(request.method, path.resource);
    if ('allowed' in match) {
      if (match.allowed.length === 0) return refuse(errorBody(404, 'Not Found'));
      reply.header('allow', match.allowed.join(', '));
      return refuse(errorBody(405, 'The resource does not answer to this method.'));
    }
    const { transactionId, body } = request;
    const isFromListedOrigin = origins.isListed(request.headers, listing);
    const call: Call = {
      request,
      reply,
      realmPath,
      realm,
      names: match.names,
      query,
      body,
      transactionId,
      isFromListedOrigin,
    };
    let answer: Answer | undefined;
    try {
      answer = await match.handler(call);
    } catch (error) {
      reply.headers(cors);
      throw error;
    }
    if (answer !== undefined) writeJson(reply, answer, cors, transactionId);
    return reply;
  };

  app.route({ method: ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'], url: `${prefix}*`, handler: dispatch });
  return app;
};

/** Loopback names are one host for the API; any other name must be the public one (SEC-08, A062). */
const isOurHost = (request: FastifyRequest, own: URL): boolean => {
  const host = request.headers.host ?? '';
  if (host === own.host) return true;
  const name = host.replace(/:\d+$/, '');
  return isLoopback(own.hostname) && isLoopback(name);
};
