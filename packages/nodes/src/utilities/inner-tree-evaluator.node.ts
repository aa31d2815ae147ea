import { defineNode } from '@assent/engine';
import { z } from 'zod';
import { errorMessage, errorNode } from '../state-keys.ts';

/** Runs another journey of the realm as one step of this one. @see spec: journeys-rest §5.7, §7.8 */
export const innerTreeEvaluator = defineNode({
  type: 'InnerTreeEvaluatorNode',
  title: 'Inner Tree Evaluator',
  help: 'Runs another journey of the realm, and goes on by how it ends.',
  tags: ['utilities'],

  config: z.object({
    tree: z.string().min(1).meta({
      title: 'Tree Name',
      description: 'The journey to run. It may not run this one in turn.',
    }),
    displayErrorOutcome: z.boolean().default(false).meta({
      title: 'Display Error Outcome',
      description:
        'Adds the Error outcome, for a node of the inner journey that fails. Without it the journey ends there.',
    }),
  }),

  innerTree: ({ tree }) => tree,
  outcomes: {
    true: 'True',
    false: 'False',
    error: { title: 'Error', when: ({ displayErrorOutcome }) => displayErrorOutcome },
  },
  innerTreeEnds: { success: 'true', failure: 'false' },
  outputs: [errorMessage, errorNode],
  outputsAt: { true: [], false: [] },
  sends: 'anything',
  errors: { missing: 'Configured tree does not exist' },

  async process({ config, state, runInnerTree, fail, goTo, send }) {
    const end = await runInnerTree({ errorsAsEnd: config.displayErrorOutcome });
    switch (end.kind) {
      case 'step':
        return { ...send(...end.callbacks), presentation: end.presentation };
      case 'success':
        return goTo('true');
      case 'failure':
        return goTo('false');
      case 'missing':
        return fail('missing');
      case 'error':
        state.set(errorNode, { ...end.node });
        state.set(errorMessage, end.message);
        return goTo('error', { errorNode: end.node.id });
    }
  },
});
