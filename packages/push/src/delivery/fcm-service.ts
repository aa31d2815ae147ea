import { secretMeta } from '@assent/engine';
import { z } from 'zod';
import { providerEndpoint } from './provider-endpoint.ts';
import { readServiceAccount } from './transports/fcm/service-account.ts';

/** Name of the realm service by which Android phones are rung through Google itself. */
export const FCM_SERVICE = 'pushFcm';
const FCM_ENDPOINT = 'https://fcm.googleapis.com';

const MAX_FILE_LENGTH = 16_384;

/** Settings of Firebase Cloud Messaging, its HTTP v1 API (OPS-47). */
export const fcmService = z.object({
  projectId: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.:-]{2,62}$/, 'Must be the id of a Firebase project, such as my-app-1a2b3')
    .meta({ title: 'Project ID' }),
  serviceAccount: z
    .string()
    .max(MAX_FILE_LENGTH)
    .superRefine((text, context) => {
      const account = readServiceAccount(text);
      if ('fault' in account) {
        context.addIssue({ code: 'custom', message: `Must be the key file of a service account: ${account.fault}` });
      }
    })
    .meta(
      secretMeta({
        title: 'Service account',
        description: 'The text of the JSON key file of a service account that may send messages.',
        goesWith: ['projectId', 'endpoint'],
        sentTo: ({ endpoint = '' }) => [fcmEndpointOf({ endpoint: String(endpoint) })],
      }),
    ),
  endpoint: providerEndpoint("Google's"),
});

export type FcmService = z.output<typeof fcmService>;

/** Where FCM is for these settings. */
export const fcmEndpointOf = ({ endpoint }: { readonly endpoint: string }): string =>
  endpoint !== '' ? endpoint : FCM_ENDPOINT;
