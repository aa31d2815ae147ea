import { formatQueryResult } from '@assent/wire';
import { administered, type CallerPorts } from '../../authorization/administration.ts';
import { ok, type Routes } from '../../http/call.ts';
import type { JourneyFigures } from '../../journeys/journey-metrics.ts';

export interface MetricsRoutesOptions extends CallerPorts {
  readonly figures: JourneyFigures;
  /** The name of the instance whose figures they are. */
  readonly instance: string;
}

/** Each instance counts for itself, so that an answer says whose figures it has (OPS-36). */
const INSTANCE = 'x-assent-instance';

/** `metrics/api`: what the meters and timers of journeys have recorded in the realm and in this process. */
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
});
