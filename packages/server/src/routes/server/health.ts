import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Answer, ok, type Routes } from '../../http/call.ts';
import { COMMON_HEADERS } from '../../http/security-headers.ts';
import type { StoreProbe } from '../../platform/store-probe.ts';

export interface HealthOptions {
  readonly probe: Pick<StoreProbe, 'isWell'>;
  readonly isDraining: () => boolean;
}

/** Answers say nothing about users or versions (SEC-84). */
export const LIVE: Answer = ok({ status: 'live' });
const READY: Answer = ok({ status: 'ready' });
export const unready = (status: string): Answer => ({ status: 503, body: { status } });

const readiness = async ({ probe, isDraining }: HealthOptions): Promise<Answer> => {
  if (isDraining()) return unready('stopping');
  return (await probe.isWell()) ? READY : unready('store unavailable');
};

/** Says in an answer of `health` whether the addresses of callers reach this server. */
const FORWARDED = 'x-assent-forwarded';

/** What some probes ask with instead of GET (`wget --spider`): the status is all that they look at. */
const PROBES = ['GET', 'HEAD'] as const;

/** `json/health/live` and `json/health/ready`, where AM's probes look; they are not a matter of any realm. */
export const healthRoutes = (options: HealthOptions): Routes =>
  Object.fromEntries(
    PROBES.flatMap((method) => [
      [`${method} health/live`, async () => LIVE],
      [`${method} health/ready`, () => readiness(options)],
    ]),
  );

/**
 * Whether a proxy that names its caller is believed, for the doctor: without that, all users come from one address (OPS-51). It tells the
 * caller nothing but what became of a header of its own.
 */
const forwardedBy = ({ headers, ips }: FastifyRequest): Readonly<Record<string, string>> => {
  if (headers['x-forwarded-for'] === undefined) return {};
  return { [FORWARDED]: (ips?.length ?? 0) > 1 ? 'believed' : 'ignored' };
};

/** `{am}/health/live` and `{am}/health/ready`, of which those are the same. */
export const addHealthRoutes = (app: FastifyInstance, context: string, options: HealthOptions): void => {
  const headers = { ...COMMON_HEADERS, 'cache-control': 'no-store' };
  const probed = (url: string, handler: () => Promise<Answer>) =>
    app.route({
      method: [...PROBES],
      url: `${context}/health/${url}`,
      handler: async (request, reply) => {
        const { status, body } = await handler();
        return reply
          .code(status)
          .headers({ ...headers, ...forwardedBy(request) })
          .send(body);
      },
    });
  probed('live', async () => LIVE);
  probed('ready', () => readiness(options));
};
