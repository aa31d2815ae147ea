import type { Answer, Routes } from '../../http/call.ts';
import { type HttpCall, type HttpRoutes, JSON_TYPE, routesFor } from '../../http/http-call.ts';
import { COMMON_HEADERS } from '../../http/security-headers.ts';
import type { Health } from '../../platform/health.ts';

const said = (status: string, isWell: boolean): Answer => ({ status: isWell ? 200 : 503, body: { status } });

/** Answers say nothing about users or versions (SEC-84). */
export const liveness = ({ isLive }: Health): Answer => said(isLive ? 'live' : 'stuck', isLive);

export const startedness = ({ isStarted }: Health): Answer => said(isStarted ? 'started' : 'starting', isStarted);

export const readiness = async (health: Health): Promise<Answer> => {
  const unready = await health.unready();
  return said(unready ?? 'ready', unready === undefined);
};

/** Says in an answer of `health` whether the addresses of callers reach this server. */
const FORWARDED = 'x-assent-forwarded';

/** What some probes ask with instead of GET (`wget --spider`): the status is all that they look at. */
export const PROBES = ['GET', 'HEAD'] as const;

/** As AM answers a probe: by the status alone. */
export const withoutBody = ({ status }: Answer): Answer => ({ status, body: undefined });

/** `json/health/live` and `json/health/ready`, where AM's probes look; they are not a matter of any realm. */
export const healthRoutes = (health: Health): Routes =>
  Object.fromEntries(
    PROBES.flatMap((method) => [
      [`${method} health/live`, async () => withoutBody(liveness(health))],
      [`${method} health/ready`, async () => withoutBody(await readiness(health))],
    ]),
  );

/**
 * Whether a proxy that names its caller is believed, for the doctor: without that, all users come from one address (OPS-51). It tells the
 * caller nothing but what became of a header of its own.
 */
const forwardedBy = ({ headers, isFromTrustedProxy }: HttpCall): Readonly<Record<string, string>> => {
  if (headers['x-forwarded-for'] === undefined) return {};
  return { [FORWARDED]: isFromTrustedProxy ? 'believed' : 'ignored' };
};

/** `{am}/health/live` and `{am}/health/ready`, of which those are the same, with a word in the body. */
export const healthPageRoutes = (context: string, health: Health): HttpRoutes => {
  const probed = (name: string, ask: () => Answer | Promise<Answer>) =>
    routesFor(PROBES, `${context}/health/${name}`, async (call) => {
      const { status, body } = await ask();
      const headers = { ...COMMON_HEADERS, 'cache-control': 'no-store', ...forwardedBy(call) };
      return { status, headers: { ...headers, 'content-type': JSON_TYPE }, body: JSON.stringify(body) };
    });
  return { ...probed('live', () => liveness(health)), ...probed('ready', () => readiness(health)) };
};
