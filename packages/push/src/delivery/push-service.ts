import { type Configuration, secretMeta } from '@assent/engine';
import { z } from 'zod';

/** Name of the realm service that configures push. */
export const PUSH_SERVICE = 'pushNotification';
export const AUTHENTICATOR_PUSH_SERVICE = 'authenticatorPushService';

/** AM's name for delivery by Amazon SNS. */
const SNS_DELEGATE = 'org.forgerock.openam.services.push.sns.SnsHttpDelegateFactory';
/** Ours for a realm that needs no Amazon: the built-in relay alone. */
const RELAY_DELEGATE = 'relay';

const text = (title: string) => z.string().default('').meta({ title });
type SentTo = Parameters<typeof secretMeta>[0]['sentTo'];
const secret = (title: string, goesWith: readonly string[], sentTo?: SentTo) =>
  z
    .string()
    .default('')
    .meta(secretMeta({ title, goesWith, ...(sentTo && { sentTo }) }));
const USUAL_REGION = 'us-east-1';
/** The host of Amazon SNS in a region. */
const snsHost = (region: string): string => `sns.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;

/** Settings of the Push Notification service (spec/push-protocol.md §7). */
export const pushNotificationService = z
  .object({
    accessKey: text('SNS Access Key ID'),
    secret: secret('SNS Access Key Secret', ['accessKey', 'region'], ({ region = USUAL_REGION }) => [
      snsHost(String(region)),
    ]),
    appleEndpoint: text('SNS Endpoint for APNS'),
    googleEndpoint: text('SNS Endpoint for GCM'),
    region: z
      .string()
      .regex(/^[a-z]{1,4}(?:-[a-z]+)+-\d$/, 'Must be the name of an AWS region')
      .default(USUAL_REGION)
      .meta({ title: 'SNS Client Region' }),
    delegateFactory: z
      .string()
      .refine((name) => name === SNS_DELEGATE || name === RELAY_DELEGATE, {
        error: `Must be ${RELAY_DELEGATE} or ${SNS_DELEGATE}`,
      })
      .default(SNS_DELEGATE)
      .meta({ title: 'Message Transport Delegate Factory' }),
    mdDuration: z.int().min(0).default(120).meta({
      title: 'Response Cache Duration',
      description:
        'Without effect: how long requests are kept says the setting `keepRequestsMinutes` of the server, and how long one lives the sender.',
    }),
    mdConcurrency: z.int().min(1).max(16).default(16).meta({ title: 'Response Cache Concurrency' }),
    mdCacheSize: z.int().min(0).default(10_000).meta({ title: 'Response Cache Size' }),
  })
  .superRefine((service, context) => {
    if (service.delegateFactory === RELAY_DELEGATE) return;
    for (const name of ['accessKey', 'appleEndpoint', 'googleEndpoint'] as const) {
      if (service[name] === '') {
        context.addIssue({
          code: 'custom',
          path: [name],
          message: `Required unless delegateFactory is ${RELAY_DELEGATE}`,
        });
      }
    }
  });

export type PushNotificationService = z.output<typeof pushNotificationService>;

/** How AM encrypts the profiles of devices: each of its services of devices has these settings. */
export const profileEncryption = (prefix: string) => ({
  [`${prefix}EncryptionScheme`]: z
    .enum(['NONE', 'RSAES_AES128CBC_HS256', 'RSAES_AES256CBC_HS512'])
    .default('NONE')
    .meta({
      title: 'Device Profile Encryption Scheme',
      description: 'Accepted and ignored: secrets are always sealed.',
    }),
  [`${prefix}EncryptionKeystore`]: text('Encryption Key Store'),
  [`${prefix}EncryptionKeystoreType`]: z
    .enum(['JKS', 'JCEKS', 'PKCS11', 'PKCS12'])
    .default('JKS')
    .meta({ title: 'Key Store Type' }),
  [`${prefix}EncryptionKeystorePassword`]: secret('Key Store Password', [`${prefix}EncryptionKeystore`]),
  [`${prefix}EncryptionKeystoreKeyPairAlias`]: text('Key-Pair Alias'),
  [`${prefix}EncryptionKeystorePrivateKeyPassword`]: secret('Private Key Password', [`${prefix}EncryptionKeystore`]),
});

/** Settings of the Authenticator (Push) service (spec/push-protocol.md §6.1). */
export const authenticatorPushService = z.object({
  pushAttrName: z.string().min(1).default('pushDeviceProfiles').meta({ title: 'Profile Storage Attribute' }),
  ...profileEncryption('authenticatorPushDeviceSettings'),
  authenticatorPushSkippableName: z.string().min(1).default('push2faEnabled').meta({
    title: 'ForgeRock Authenticator (Push) Device Skippable Attribute Name',
  }),
});

/** The user attribute that holds whether the user goes without push, in that realm. */
export function pushSkipAttribute(configuration: Pick<Configuration, 'service'>, realm: string): string {
  const name = 'authenticatorPushSkippableName';
  const config = configuration.service(realm, AUTHENTICATOR_PUSH_SERVICE)?.config ?? {};
  const named = authenticatorPushService.shape[name].safeParse(config[name]);
  return named.success ? named.data : 'push2faEnabled';
}

type SnsField = 'accessKey' | 'secret' | 'appleEndpoint' | 'googleEndpoint';
const snsFields: Readonly<Record<'gcm' | 'apns', readonly SnsField[]>> = {
  gcm: ['accessKey', 'secret', 'googleEndpoint'],
  apns: ['accessKey', 'secret', 'appleEndpoint'],
};

/** What is still to be set before phones of that kind are reached by Amazon SNS. */
export const missingSnsFields = (service: PushNotificationService, type: 'gcm' | 'apns'): readonly string[] =>
  snsFields[type].filter((field) => service[field] === '');
