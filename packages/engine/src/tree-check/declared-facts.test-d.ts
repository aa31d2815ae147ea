import { z } from 'zod';
import { defineNode } from '../node/node-definition.ts';
import { stateKey } from '../state/state-key.ts';

// What must not compile: a check of trees relies on what nodes say of their outcomes (ADR 0012).

const code = stateKey.shared('code', z.string());
const other = stateKey.shared('other', z.string());

const spec = {
  type: 'Sender',
  title: 'x',
  help: 'x',
  tags: [],
  config: z.object({ mandatory: z.boolean() }),
  outcomes: {
    sent: 'Sent',
    skipped: { title: 'Skipped', when: (config: { mandatory: boolean }) => !config.mandatory },
  },
  outputs: [code],
  process: async () => Promise.reject(new Error('x')),
} as const;

defineNode({
  ...spec,
  disturbsOn: ['sent'],
  limitedOutcomes: ['skipped'],
  secondFactor: [],
  outputsAt: { skipped: [] },
});
// @ts-expect-error the node has no such outcome
defineNode({ ...spec, disturbsOn: ['Sent'] });
// @ts-expect-error the node has no such outcome
defineNode({ ...spec, limitedOutcomes: ['again'] });
// @ts-expect-error the node has no such outcome
defineNode({ ...spec, secondFactor: ['TRUE'] });
// @ts-expect-error the node has no such outcome
defineNode({ ...spec, outputsAt: { gone: [] } });
// @ts-expect-error what it sets there is no output of the node
defineNode({ ...spec, outputsAt: { sent: [other] } });
// @ts-expect-error both ends of an inner tree are outcomes
defineNode({ ...spec, innerTreeEnds: { success: 'sent', failure: 'false' } });
