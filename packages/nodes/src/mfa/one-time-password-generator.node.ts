import { clock, defineNode, random } from '@assent/engine';
import { z } from 'zod';
import { oneTimePassword, oneTimePasswordTimestamp } from '../state-keys.ts';

/** Makes a one-time password for a later node to send and to ask for. @see spec: node-census §3 */
export const oneTimePasswordGenerator = defineNode({
  type: 'OneTimePasswordGeneratorNode',
  title: 'HOTP Generator',
  help: 'Makes a one-time password that a later node sends.',
  tags: ['otp', 'mfa', 'multi-factor authentication'],

  config: z.object({
    length: z.int().min(6).max(32).default(8).meta({
      title: 'One Time Password Length',
      description: 'How many digits the password has, six at the least.',
    }),
  }),

  outcomes: { outcome: 'Outcome' },
  outputs: [oneTimePassword, oneTimePasswordTimestamp],
  uses: [clock, random],

  process({ config, state, ports, goTo }) {
    // Every digit is generated: a leading zero is as likely as any other.
    state.set(oneTimePassword, Array.from({ length: config.length }, () => ports.random.int(10)).join(''));
    state.set(oneTimePasswordTimestamp, Math.floor(ports.clock.now() / 1_000));
    return goTo('outcome');
  },
});
