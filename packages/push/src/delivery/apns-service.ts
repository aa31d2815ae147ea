import { secretMeta } from '@assent/engine';
import { z } from 'zod';
import { readPrivateKey } from '../jose/index.ts';
import { providerEndpoint } from './provider-endpoint.ts';

/** Name of the realm service by which iPhones are rung through Apple itself. */
export const APNS_SERVICE = 'pushApns';
const APNS_ENDPOINT = 'https://api.push.apple.com';
const APNS_SANDBOX_ENDPOINT = 'https://api.sandbox.push.apple.com';

const appleId = (title: string, what: string) =>
  z
    .string()
    .regex(/^[A-Z0-9]{10}$/, `Must be the ten capital letters and digits of ${what}`)
    .meta({ title });

/** Settings of Apple's push service, with a key of the provider (OPS-47). */
export const apnsService = z.object({
  teamId: appleId('Team ID', 'a team'),
  keyId: appleId('Key ID', 'a key'),
  key: z
    .string()
    .max(4_096)
    .refine(isP256Key, 'Must be the text of a .p8 file: a private key on P-256 in PEM')
    .meta(
      secretMeta({
        title: 'Key',
        description: 'The text of the .p8 file of the key.',
        goesWith: ['teamId', 'keyId', 'sandbox', 'endpoint'],
        sentTo: ({ endpoint = '', sandbox }) => [
          apnsEndpointOf({ endpoint: String(endpoint), sandbox: sandbox === true }),
        ],
      }),
    ),
  topic: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9.-]{1,154}$/, 'Must be the bundle id of the app, such as com.example.authenticator')
    .meta({ title: 'Topic', description: 'The bundle id of the app.' }),
  sandbox: z.boolean().default(false).meta({
    title: 'Sandbox',
    description: 'On for apps that Xcode has installed, off for those of the App Store and TestFlight.',
  }),
  endpoint: providerEndpoint("Apple's"),
});

function isP256Key(pem: string): boolean {
  const key = readPrivateKey(pem);
  return key?.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
}

export type ApnsService = z.output<typeof apnsService>;

/** Where Apple is for these settings. */
export const apnsEndpointOf = ({
  endpoint,
  sandbox,
}: {
  readonly endpoint: string;
  readonly sandbox: boolean;
}): string => (endpoint !== '' ? endpoint : sandbox ? APNS_SANDBOX_ENDPOINT : APNS_ENDPOINT);
