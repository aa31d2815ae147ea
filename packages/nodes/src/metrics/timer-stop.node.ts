import { clock, defineNode } from '@assent/engine';
import { z } from 'zod';
import { journeyMetrics } from './journey-metrics.ts';
import { startTimeProperty } from './start-time-property.ts';

/** Records how long a journey took from a Timer Start. @see spec: journeys-rest §7.19 */
export const timerStop = defineNode({
  type: 'TimerStopNode',
  title: 'Timer Stop',
  help: 'Records under a name how long it took from a Timer Start to here.',
  tags: ['metrics', 'utilities'],
  config: z.object({
    startTimeProperty: startTimeProperty(),
    metricKey: z.string().min(1).max(256).meta({ title: 'Metric Key', description: 'The name to record under.' }),
  }),
  outcomes: { outcome: 'Outcome' },
  dynamicInputs: (config) => [config.startTimeProperty],
  uses: [clock, journeyMetrics],
  errors: { notStarted: 'There is no start time in "{{property}}": nothing is recorded.' },

  process({ config, state, ports, report, goTo }) {
    const start = state.read(config.startTimeProperty);
    if (typeof start === 'number') ports.journeyMetrics.time(config.metricKey, ports.clock.now() - start);
    else report('notStarted', { property: config.startTimeProperty });
    return goTo('outcome');
  },
});
