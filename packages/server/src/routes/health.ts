import type { Store } from '@assent/store';
import type { FastifyInstance } from 'fastify';
import { type Answer, ok, type Routes } from '../http/call.ts';
import { COMMON_HEADERS } from '../http/security-headers.ts';

export interface HealthOptions {
  readonly store: Pick<Store, 'check'>;
  readonly isStopping: () => boolean;
}

/** Answers say nothing about users or versions (SEC-84). */
const LIVE: Answer = ok({ status: 'live' });
const READY: Answer = ok({ status: 'ready' });
const unready = (status: string): Answer => ({ status: 503, body: { status } });

const readiness = async ({ store, isStopping }: HealthOptions): Promise<Answer> => {
  if (isStopping()) return unready('stopping');
  try {
    await store.check();
    return READY;
  } catch {
    return unready('store unavailable');
  }
};

/** `json/health/live` and `json/health/ready`, where AM's probes look; they are not a matter of any realm. */
export const healthRoutes = (options: HealthOptions): Routes => ({
  'GET health/live': async () => LIVE,
  'GET health/ready': () => readiness(options),
});

/** `{am}/health/live` and `{am}/health/ready`, of which those are the same. */
export const addHealthRoutes = (app: FastifyInstance, context: string, options: HealthOptions): void => {
  const headers = { ...COMMON_HEADERS, 'cache-control': 'no-store' };
  app.get(`${context}/health/live`, async (_request, reply) => reply.headers(headers).send(LIVE.body));
  app.get(`${context}/health/ready`, async (_request, reply) => {
    const { status, body } = await readiness(options);
    return reply.code(status).headers(headers).send(body);
  });
};
