import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { JourneyError } from '@assent/engine';
import { sourceOf } from '@assent/engine/host';
import { errorBody } from '@assent/wire';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { boundedResponses, isBounded, isShared } from '../bounds/bounded-response.ts';
import type { RequestPace } from '../bounds/request-pace.ts';
import { LARGE_ANSWER, type UnsentAnswers } from '../bounds/unsent-answers.ts';
import type { Health } from '../platform/health.ts';
import type { Logger } from '../platform/log.ts';
import type { Settings } from '../settings/settings.ts';
import type { HttpObserver, RoutedRequest } from '../telemetry/http-observer.ts';
import { errorAnswer, MAX_BODY_BYTES } from './error-answer.ts';
import type { JsonApi } from './json-api.ts';
import { type Parameters, parametersOf } from './parameters.ts';
import type { PublicHost } from './public-host.ts';
import { JSON_HEADERS } from './security-headers.ts';
import { transactionIdOf } from './transaction-id.ts';
import type { TrustedProxies } from './trusted-proxies.ts';

declare module 'fastify' {
  interface FastifyRequest {
    transactionId: string;
    /** Of the address; Fastify's own `query` is empty, so that nobody reads another one. */
    parameters: Parameters;
  }
}

export interface AppOptions {
  readonly settings: Settings;
  readonly api: JsonApi;
  readonly ownHost: PublicHost;
  readonly proxies: TrustedProxies;
  /** Connections end with their next answer, once it drains, so that none is at rest when the listener closes. */
  readonly health: Pick<Health, 'isDraining'>;
  readonly observer: HttpObserver;
  /** All answers that wait for their readers. */
  readonly unsent: UnsentAnswers;
  /** Is told of each new connection. */
  readonly pace: Pick<RequestPace, 'accepted'>;
  readonly log: Logger;
}

const LIMITS_OF_REQUESTS = {
  maxHeaderSize: 16_384,
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 65_000,
} as const;

/** No route has a schema, and so what compiles schemas, a hundred modules, is not loaded. */
const noSchemas = () => () => {
  throw new Error('Routes have no schemas: what comes in is read by their own code.');
};

/**
 * The HTTP server: `{am}/json` goes straight to its own module, everything else to a framework, where pages, health and
 * `{am}/oauth2` are added by theirs.
 */
export const createApp = ({
  settings,
  api,
  ownHost,
  proxies,
  health,
  observer,
  unsent,
  pace,
  log,
}: AppOptions): FastifyInstance => {
  const { contextPath } = settings;
  /** Probes come by any name, and whoever has a token needs no name either: a page of another one could not send it. */
  const namelessly = [`${contextPath}/health/`, `${contextPath}/metrics`];
  const Response = boundedResponses(unsent, (request: RoutedRequest) => ({
    realm: request.realm ?? '',
    source: sourceOf(proxies.clientOf(request)),
  }));
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    trustProxy: (address: string, hop: number) => proxies.trusts(address, hop),
    exposeHeadRoutes: false,
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    // What still comes in over a connection that was there before is answered like everything else (OPS-33).
    return503OnClosing: false,
    routerOptions: { maxParamLength: 4_096, ignoreTrailingSlash: false, querystringParser: () => ({}) },
    frameworkErrors: (error, request, reply) => void fail(error, request, reply),
    serverFactory: (others) => {
      const server = createServer({ ...LIMITS_OF_REQUESTS, ServerResponse: Response }, (request, response) => {
        if (health.isDraining) response.shouldKeepAlive = false;
        observer.exchange(request, response, () => {
          if (api.serves(request.url ?? '')) api.answer(request, response);
          else others(request, response);
        });
      });
      // Read here it is kept with the connection. Whoever breaks that off once the request is sent has no other address by it, and is no other
      // source: what is guessed is counted where it came from (SEC-56).
      server.on('connection', (socket) => {
        pace.accepted();
        if (socket.remoteAddress === undefined) socket.destroy();
      });
      return server;
    },
  });

  const fail = (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { body, headers } = errorAnswer(error, request.transactionId, log);
    return send(reply.headers(headers), body, request);
  };

  app.decorateRequest('transactionId', '');
  app.decorateRequest('parameters');
  app.removeAllContentTypeParsers();
  app.setErrorHandler((error, request, reply) => fail(error, request, reply));
  app.setNotFoundHandler((request, reply) => send(reply, errorBody(404, 'Not Found'), request));
  app.addHook('onRequest', (request, reply, done) => {
    request.transactionId = transactionIdOf(request.headers['x-forgerock-transactionid'], randomUUID);
    const { url } = request.routeOptions;
    const raw: RoutedRequest = request.raw;
    raw.transactionId = request.transactionId;
    // What is at the root of the host is of no context path.
    if (url !== undefined) raw.route = url.slice(url.startsWith(`${contextPath}/`) ? contextPath.length + 1 : 1);
    if (!ownHost.isNamedBy(request.raw) && !namelessly.some((it) => request.url.startsWith(it))) {
      void send(reply, errorBody(400, 'This server is not reached by that host name.'), request);
      return;
    }
    request.parameters = parametersOf(request.url);
    done();
  });
  app.addHook('onSend', (request, reply, payload, done) => {
    const { raw } = reply;
    // A large text waits as bytes: as a text it would be in memory twice.
    const body = typeof payload === 'string' && payload.length >= LARGE_ANSWER ? Buffer.from(payload) : payload;
    const length = Buffer.isBuffer(body) && !isShared(body) ? body.length : 0;
    if (length < LARGE_ANSWER || !isBounded(raw) || raw.hasRoomFor(length)) {
      done(null, body);
      return;
    }
    const { body: refusal, headers } = errorAnswer(NO_ROOM, request.transactionId, log);
    for (const name of ['content-encoding', 'content-length', 'etag']) reply.removeHeader(name);
    reply
      .code(refusal.code)
      .headers({ ...JSON_HEADERS, ...headers })
      .type('application/json; charset=utf-8');
    done(null, JSON.stringify(refusal));
  });
  return app;
};

const NO_ROOM = new JourneyError('OVERLOADED', { retryAfterSeconds: 2 });

const send = (reply: FastifyReply, body: ReturnType<typeof errorBody>, request: FastifyRequest): FastifyReply =>
  reply
    .code(body.code)
    .headers({ ...JSON_HEADERS, 'x-transaction-id': request.transactionId })
    .type('application/json; charset=utf-8')
    .send(body);
