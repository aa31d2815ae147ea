import { formatQueryResult } from '@assent/wire';
import { administered, administeredAtRoot, type CallerPorts } from '../../authorization/administration.ts';
import { type Call, type Handler, ok, type Routes } from '../../http/call.ts';
import { type HttpRoutes, jsonAnswer, routesFor } from '../../http/http-call.ts';
import { JSON_HEADERS } from '../../http/security-headers.ts';
import type { JourneyFigures } from '../../journeys/journey-metrics.ts';
import { type Exposition, METRICS_TYPE } from '../../telemetry/exposition.ts';
import { PROBES } from './health.ts';
import { tokenCheck } from './metrics-token.ts';

export interface MetricsRoutesOptions extends CallerPorts {
  readonly figures: JourneyFigures;
  readonly exposition: Exposition;
  /** The name of the instance whose figures they are. */
  readonly instance: string;
  /** What a Prometheus says that has no session; undefined where none is set. */
  readonly token: (() => string) | undefined;
}

/** Each instance counts for itself, so that an answer says whose figures it has (OPS-36). */
const INSTANCE = 'x-assent-instance';

const tell = ({ response, transactionId }: Call, text: string, instance: string): undefined => {
  response.writeHead(200, {
    ...JSON_HEADERS,
    'x-transaction-id': transactionId,
    [INSTANCE]: instance,
    'content-type': METRICS_TYPE,
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
  return undefined;
};

/**
 * `metrics/api`: what the meters and timers of journeys have recorded in the realm and in this process; and `metrics/prometheus`, which is of
 * all realms, and so told in the root realm alone.
 */
export const metricsRoutes = (options: MetricsRoutesOptions): Routes => ({
  'GET metrics/api': administered(
    options,
    'settings',
  )(async ({ realmPath }) =>
    ok(
      formatQueryResult(
        options.figures.read(realmPath).map(({ name, kind, count, total, min, max }) => ({
          _id: name,
          _type: kind,
          count,
          ...(kind === 'timer' && { total, min, max, mean: total / count, duration_units: 'milliseconds' }),
        })),
      ),
      { [INSTANCE]: options.instance },
    ),
  ),
  'GET metrics/prometheus': prometheusRoute(options),
});

/** AM has Prometheus say a name and a password there, so that of its job only the password changes. */
const prometheusRoute = (options: MetricsRoutesOptions): Handler => {
  const { token, exposition, instance } = options;
  const hasToken = token === undefined ? () => false : tokenCheck(token);
  const told = async (call: Call) => tell(call, await exposition.text(), instance);
  const toAdministrators = administeredAtRoot(options, 'settings')(told);
  return (call) =>
    call.realmPath === '/' && hasToken(call.request.headers.authorization) ? told(call) : toAdministrators(call);
};

/** `{am}/metrics`, for whoever has the token (OPS-52). */
export const metricsPageRoutes = (
  context: string,
  { token, exposition }: { readonly token: () => string; readonly exposition: Exposition },
): HttpRoutes => {
  const isAllowed = tokenCheck(token);
  return routesFor(PROBES, `${context}/metrics`, async ({ headers }) =>
    isAllowed(headers.authorization)
      ? {
          status: 200,
          headers: { ...JSON_HEADERS, 'content-type': METRICS_TYPE },
          body: await exposition.text(),
        }
      : jsonAnswer(401, { status: 'the token is missing or wrong' }, { 'www-authenticate': 'Bearer' }),
  );
};
