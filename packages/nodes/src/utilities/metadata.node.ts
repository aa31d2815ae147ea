import { defineNode, metadataCallback } from '@assent/engine';
import { z } from 'zod';

/** Hands parts of shared state to the client's program. @see spec: journeys-rest §7.19 */
export const metadata = defineNode({
  type: 'MetadataNode',
  title: 'State Metadata',
  help: 'Hands parts of the state to the client’s program, beside what else is on the page.',
  tags: ['utilities'],
  config: z.object({
    attributes: z.array(z.string().min(1)).default([]).meta({
      title: 'Attributes',
      description: 'Names in shared state. What is not there is left out; what is secret is never handed out.',
    }),
  }),
  outcomes: { outcome: 'Outcome' },
  dynamicInputs: ({ attributes }) => attributes,
  sends: [metadataCallback],

  process({ config, state, answered, goTo, send }) {
    if (answered(metadataCallback)) return goTo('outcome');
    const { shared } = state.compartments();
    const wanted = config.attributes.filter((name) => Object.hasOwn(shared, name));
    return send(metadataCallback({ data: Object.fromEntries(wanted.map((name) => [name, shared[name]])) }));
  },
});
