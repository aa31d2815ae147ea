import { clock, defineNode } from '@assent/engine';
import { z } from 'zod';
import { startTimeProperty } from './start-time-property.ts';

/** Notes when a journey came by. @see spec: journeys-rest §7.19 */
export const timerStart = defineNode({
  type: 'TimerStartNode',
  title: 'Timer Start',
  help: 'Notes the time, so that a Timer Stop further on knows how long it took to get there.',
  tags: ['metrics', 'utilities'],
  config: z.object({ startTimeProperty: startTimeProperty() }),
  outcomes: { outcome: 'Outcome' },
  dynamicOutputs: (config) => [config.startTimeProperty],
  uses: [clock],

  process({ config, state, ports, goTo }) {
    state.write(config.startTimeProperty, ports.clock.now());
    return goTo('outcome');
  },
});
