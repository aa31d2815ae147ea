import { defineNode, random } from '@assent/engine';
import { z } from 'zod';

const name = (path: 'A' | 'B') =>
  z
    .string()
    .min(1)
    .default(path)
    .meta({
      title: `Path ${path} Name`,
      description: `What path ${path} is called in the designer.`,
    });

/** Sends a share of the journeys another way. @see spec: journeys-rest §7.19 */
export const flowControl = defineNode({
  type: 'FlowControlNode',
  title: 'Flow Control',
  help: 'Sends a share of the journeys one way and the rest the other, by lot.',
  tags: ['utilities'],
  config: z.object({
    percentageA: z.int().min(0).max(100).default(50).meta({
      title: 'Path A Percentage',
      description: 'How many of a hundred journeys take path A; the others take path B.',
    }),
    outcomeADisplayName: name('A'),
    outcomeBDisplayName: name('B'),
  }),
  outcomes: {
    A: { title: 'A', titleOf: (config) => config.outcomeADisplayName },
    B: { title: 'B', titleOf: (config) => config.outcomeBDisplayName },
  },
  uses: [random],

  process({ config, ports, goTo }) {
    return goTo(ports.random.int(100) < config.percentageA ? 'A' : 'B');
  },
});
