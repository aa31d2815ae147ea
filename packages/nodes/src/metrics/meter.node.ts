import { defineNode } from '@assent/engine';
import { z } from 'zod';
import { journeyMetrics } from './journey-metrics.ts';

/** Counts how often journeys come by. @see spec: journeys-rest §7.19 */
export const meter = defineNode({
  type: 'MeterNode',
  title: 'Meter',
  help: 'Counts under a name how often journeys come by.',
  tags: ['metrics', 'utilities'],
  config: z.object({
    metricKey: z.string().min(1).max(256).meta({ title: 'Metric Key', description: 'The name to count under.' }),
  }),
  outcomes: { outcome: 'Outcome' },
  uses: [journeyMetrics],

  process({ config, ports, goTo }) {
    ports.journeyMetrics.count(config.metricKey);
    return goTo('outcome');
  },
});
