import { formatQueryResult } from '@assent/wire';
import { ok, type Routes } from '../http/call.ts';
import type { JourneyFigures } from '../journey-metrics.ts';
import { administered, type CallerPorts } from './administration.ts';

export interface MetricsRoutesOptions extends CallerPorts {
  readonly figures: JourneyFigures;
}

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
    ),
  ),
});
