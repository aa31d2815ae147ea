import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { errorBody } from '@assent/wire';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from '../platform/log.ts';
import type { Settings } from '../settings/settings.ts';
import { errorAnswer, MAX_BODY_BYTES } from './error-answer.ts';
import type { JsonApi } from './json-api.ts';
import { type Parameters, parametersOf } from './parameters.ts';
import type { PublicHost } from './public-host.ts';
import { JSON_HEADERS } from './security-headers.ts';
import { transactionIdOf } from './transaction-id.ts';

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
  /** Connections end with their next answer, so that none is at rest when the listener closes. */
  readonly isDraining: () => boolean;
  readonly log: Logger;
}

/**
 * The HTTP server: `{am}/json` goes straight to its own module, everything else to a framework, where pages, health and
 * `{am}/oauth2` are added by theirs.
 */
export const createApp = ({ settings, api, ownHost, isDraining, log }: AppOptions): FastifyInstance => {
  const health = `${settings.contextPath}/health/`;
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    trustProxy: settings.trustedProxies.length > 0 ? [...settings.trustedProxies] : false,
    exposeHeadRoutes: false,
    // What still comes in over a connection that was there before is answered like everything else (OPS-33).
    return503OnClosing: false,
    routerOptions: { maxParamLength: 4_096, ignoreTrailingSlash: false, querystringParser: () => ({}) },
    frameworkErrors: (error, request, reply) => void fail(error, request, reply),
    serverFactory: (others) => {
      const server = createServer(
        { maxHeaderSize: 16_384, headersTimeout: 10_000, requestTimeout: 10_000, keepAliveTimeout: 65_000 },
        (request, response) => {
          if (isDraining()) response.shouldKeepAlive = false;
          if (!api.serves(request.url ?? '')) return others(request, response);
          api.answer(request, response);
        },
      );
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
    if (!ownHost.isNamedBy(request.raw) && !request.url.startsWith(health)) {
      void send(reply, errorBody(400, 'This server is not reached by that host name.'), request);
      return;
    }
    request.parameters = parametersOf(request.url);
    done();
  });
  return app;
};

const send = (reply: FastifyReply, body: ReturnType<typeof errorBody>, request: FastifyRequest): FastifyReply =>
  reply
    .code(body.code)
    .headers({ ...JSON_HEADERS, 'x-transaction-id': request.transactionId })
    .type('application/json; charset=utf-8')
    .send(body);
