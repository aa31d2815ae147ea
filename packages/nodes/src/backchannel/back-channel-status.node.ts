import { backChannels, defineNode, optional } from '@assent/engine';
import { z } from 'zod';
import { backChannelSession, backChannelTransaction } from '../state-keys.ts';

const OUTCOMES = {
  created: 'pending',
  started: 'inprogress',
  approved: 'success',
  denied: 'failure',
  unknown: 'unknown',
} as const;

/** Asks how far the journey has come that this one asked for. @see ADR 0017 */
export const backChannelStatus = defineNode({
  type: 'BackChannelStatusNode',
  title: 'Backchannel Status',
  help: 'Asks how far the journey has come that the Backchannel Initialize node made a link to.',
  tags: ['utilities'],

  config: z.object({
    recordData: z.boolean().default(false).meta({
      title: 'Record Journey Session Info',
      description:
        'On Success, puts the properties of the session that the other journey ended in into transient state.',
    }),
    recordTransactionData: z.boolean().default(false).meta({
      title: 'Record Transaction Data',
      description: 'Puts what the other journey tells by Backchannel Notification nodes into shared state.',
    }),
    transactionDataKey: z.string().nullish().meta({
      title: 'Transaction Data Key',
      description: 'Under which name it goes there; backchannel-transactionData without one.',
    }),
  }),

  outcomes: {
    pending: 'Pending',
    inprogress: 'In Progress',
    success: 'Success',
    failure: 'Failure',
    unknown: 'Unknown',
    error: 'Error',
  },
  inputs: [optional(backChannelTransaction)],
  outputs: [backChannelSession],
  outputsAt: { pending: [], inprogress: [], failure: [], unknown: [], error: [] },
  dynamicOutputs: (config) => (config.recordTransactionData ? [noticeKey(config)] : []),
  uses: [backChannels],
  errors: { notKnown: 'Error checking back channel transaction status.' },

  async process({ config, state, ports, report, goTo }) {
    const id = state.get(backChannelTransaction);
    if (typeof id !== 'string' || id === '') {
      report('notKnown');
      return goTo('error');
    }
    const { status, notice, properties } = await ports.backChannels.progress(id);
    if (config.recordTransactionData && notice !== undefined && status !== 'unknown') {
      state.write(noticeKey(config), notice);
    }
    if (config.recordData && status === 'approved' && properties !== undefined) {
      state.set(backChannelSession, { ...properties });
    }
    return goTo(OUTCOMES[status]);
  },
});

const noticeKey = ({ transactionDataKey }: { readonly transactionDataKey?: string | null | undefined }): string =>
  transactionDataKey || 'backchannel-transactionData';
