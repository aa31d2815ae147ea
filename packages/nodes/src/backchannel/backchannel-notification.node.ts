import { backChannels, defineNode } from '@assent/engine';
import { z } from 'zod';
import { objectIn } from './object-in-state.ts';

/** Tells the journey that asked for this one how far it has come. @see ADR 0017 */
export const backchannelNotification = defineNode({
  type: 'BackchannelNotificationNode',
  title: 'Backchannel Notification',
  help: 'Tells something to the journey that asked for this one, for its Backchannel Status node to read.',
  tags: ['utilities'],

  config: z.object({
    dataKey: z.string().min(1).meta({
      title: 'Data Key',
      description: 'The name in shared state of the object that is told; it takes the place of what was told before.',
    }),
  }),

  outcomes: { success: 'Success', error: 'Error' },
  dynamicInputs: ({ dataKey }) => [dataKey],
  uses: [backChannels],
  errors: {
    noTransaction: 'Transaction ID not found in context',
    noData: 'Data in state at {{dataKey}} data key was not found or incorrect type, not updating transaction.',
    notTold: 'Failed to update backchannel transaction',
  },

  async process({ config: { dataKey }, journey, state, ports, report, goTo }) {
    const { backChannel } = journey;
    if (backChannel === undefined) {
      report('noTransaction');
      return goTo('error');
    }
    // Of shared state only: what is secret here is so for the other journey, too.
    const data = objectIn(state.compartments().shared[dataKey]);
    if (data === undefined) {
      report('noData', { dataKey });
      return goTo('error');
    }
    if (!(await ports.backChannels.tell(backChannel, data))) {
      report('notTold');
      return goTo('error');
    }
    return goTo('success');
  },
});
