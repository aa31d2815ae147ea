import { defineNode } from '@assent/engine';
import { z } from 'zod';

/** Lets a webhook of the realm be called when the session ends that the journey makes. @see spec: journeys-rest §5.4 */
export const registerLogoutWebhook = defineNode({
  type: 'RegisterLogoutWebhookNode',
  title: 'Register Logout Webhook',
  help: 'Calls a webhook of the realm when the session ends: by sign-out, by time, or by an administrator. A session has 5 logout webhooks at most.',
  tags: ['utilities'],

  config: z.object({
    webhookName: z
      .string()
      .min(1)
      .max(64)
      .refine((name) => !name.includes('|'), 'A webhook has no | in its name.')
      .meta({ title: 'Webhook name', description: 'The webhook of the realm that is called.' }),
  }),

  outcomes: { outcome: 'Outcome' },

  process({ config, journey, goTo }) {
    journey.addLogoutWebhook(config.webhookName);
    return goTo('outcome');
  },
});
