import type { Store } from '@assent/store';
import type { FastifyInstance } from 'fastify';
import { COMMON_HEADERS } from '../http/security-headers.ts';

/** `{am}/health/live` and `{am}/health/ready`; they say nothing about users or versions (SEC-84). */
export const addHealthRoutes = (
  app: FastifyInstance,
  context: string,
  store: Pick<Store, 'check'>,
  isStopping: () => boolean,
): void => {
  const headers = { ...COMMON_HEADERS, 'cache-control': 'no-store' };
  app.get(`${context}/health/live`, async (_request, reply) => reply.headers(headers).send({ status: 'live' }));
  app.get(`${context}/health/ready`, async (_request, reply) => {
    reply.headers(headers);
    if (isStopping()) return reply.code(503).send({ status: 'stopping' });
    try {
      await store.check();
      return reply.send({ status: 'ready' });
    } catch {
      return reply.code(503).send({ status: 'store unavailable' });
    }
  });
};
