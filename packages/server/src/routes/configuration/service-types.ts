import { MIN_PASSWORD_LENGTH, type RealmSettings, SECRET_ATTRIBUTES, USUAL_INDEXED_ATTRIBUTES } from '@assent/engine';
import { secretSettings } from '@assent/engine/host';
import {
  ANDROID_KEY_ATTESTATION_SERVICE,
  AUTHENTICATOR_OATH_SERVICE,
  AUTHENTICATOR_WEBAUTHN_SERVICE,
  androidKeyAttestationService,
  authenticatorOathService,
  authenticatorWebAuthnService,
  DEVICE_BINDING_SERVICE,
  deviceBindingService,
  isRelyingPartyId,
  outdatedCertificates,
  WEBAUTHN_METADATA_SERVICE,
  webAuthnMetadataService,
} from '@assent/factors';
import { LDAP_SERVICE, ldapService } from '@assent/ldap';
import {
  CONSENT_SERVICE,
  consentService,
  MAIL_SERVICE,
  mailService,
  SECURITY_QUESTIONS_SERVICE,
  securityQuestionsService,
  TERMS_SERVICE,
  termsService,
} from '@assent/nodes';
import {
  APNS_SERVICE,
  AUTHENTICATOR_PUSH_SERVICE,
  apnsService,
  authenticatorPushService,
  FCM_SERVICE,
  fcmService,
  PUSH_SERVICE,
  pushNotificationService,
} from '@assent/push';
import { z } from 'zod';
import { SESSION_PROPERTIES_SERVICE, sessionPropertiesService } from '../../authentication/session-properties.ts';
import { WEBHOOKS_SERVICE, webhooksService } from '../../outbox/webhook.ts';
import { policyList } from '../../policies/policy-schema.ts';
import { brandSettings } from '../../realms/realm-brand.ts';
import { USUAL_ACCEPTED_HEADERS, USUAL_EXPOSED_HEADERS } from '../../realms/realm-defaults.ts';

export type ServiceConfig = Readonly<Record<string, unknown>>;

export interface ServiceType {
  readonly id: string;
  readonly name: string;
  readonly schema: z.ZodObject;
  /** For a service that is a part of the realm's own settings, and so is always there. */
  readonly inRealm?: {
    read(realm: RealmSettings): ServiceConfig;
    write(config: ServiceConfig, before: RealmSettings): Partial<RealmSettings>;
  };
  /** Whoever reads the service copes with settings that are not there; AM takes it without them. */
  readonly mayLack?: boolean;
  /** What is wrong with settings at the time at which they are saved, such as a certificate that is over by then. */
  faultAt?(config: ServiceConfig, now: number): { readonly setting: string; readonly reason: string } | undefined;
  /** For a service that AM does not have: nothing can have written members that we do not know. */
  readonly isOurs?: boolean;
}

const origin = z
  .url({ protocol: /^https?$/ })
  .refine(
    (text) => URL.canParse(text) && new URL(text).origin === text,
    'Must be an origin, such as https://app.example.com.',
  );

/** RFC 9110 §5.6.2; `*` would stand for itself beside credentials, and for nothing else (Fetch standard, "CORS protocol"). */
const headerName = z
  .string()
  .max(64)
  .regex(/^[\w!#$%&'+.^`|~-]+$/, 'Must be the name of a header, such as X-My-Header.')
  .toLowerCase();

/** As Android writes the name of a package, and the SHA-256 of the certificate that an app is signed with. */
const androidApp = z.strictObject({
  packageName: z
    .string()
    .max(255)
    .regex(/^[A-Za-z]\w*(?:\.[A-Za-z]\w*)+$/, 'Must be the name of a package, such as com.example.app.'),
  certificateDigests: z
    .array(
      z
        .string()
        .regex(
          /^(?:[0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2}$/,
          'Must be a SHA-256 as apksigner prints it, such as AB:CD:…, 32 bytes.',
        )
        .toUpperCase(),
    )
    .min(1, 'Must have the digest of one certificate at the least, as certificateDigests.')
    .max(10),
});

/** The prefix of the team and the bundle, as `application-identifier` has them. */
const appleApp = z
  .string()
  .max(255)
  .regex(
    /^[A-Z0-9]{10}\.[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/,
    'Must be team and bundle, such as ABCDE12345.com.example.app.',
  );

const attributeName = z
  .string()
  .max(64)
  .regex(/^[A-Za-z][\w-]*$/, 'Must be the name of an attribute, such as employeeNumber.')
  .refine((name) => !SECRET_ATTRIBUTES.has(name), 'Nobody is found by what this attribute holds.');

/** What a browser takes as the identity of a relying party: a domain, and no address (WebAuthn Level 3 §5.1.2, WA-04). */
const relyingPartyId = z
  .string()
  .trim()
  .toLowerCase()
  .max(253)
  .refine(
    (host) => host === '' || isRelyingPartyId(host),
    'Must be a host name such as example.com, without scheme, port and path, and no IP address.',
  );

/** Our own settings of a realm (design.md §3.3 "realm settings of ours"). */
const assentService = z.object({
  numberDigits: z.int().min(2).max(8).default(6).meta({ title: 'Digits of the number that users type' }),
  nameInPushMessages: z
    .boolean()
    .default(false)
    .meta({ title: 'Name the user in messages that Google, Apple or Amazon can read' }),
  maxDevices: z.int().min(1).max(100).default(5).meta({ title: 'Most devices per user and kind' }),
  relyingPartyId: relyingPartyId
    .default('')
    .meta({ title: 'Host name that passkeys are made for; that of the public address where it is empty' }),
  passkeyUpgrade: z
    .enum(['off', 'offer', 'quiet'])
    .default('offer')
    .meta({ title: 'What journeys do for whoever has no passkey: nothing, offer one, or have the browser make one' }),
  corsOrigins: z.array(origin).max(100).default([]).meta({ title: 'Origins whose pages may call' }),
  corsAcceptedHeaders: z
    .array(headerName)
    .max(100)
    .default([...USUAL_ACCEPTED_HEADERS])
    .meta({ title: 'Headers that those pages may send' }),
  corsExposedHeaders: z
    .array(headerName)
    .max(100)
    .default([...USUAL_EXPOSED_HEADERS])
    .meta({ title: 'Headers of answers that those pages may read' }),
  androidApps: z
    .array(androidApp)
    .max(20)
    .default([])
    .meta({ title: 'Android apps that may use its passkeys: packages, and the digests of their certificates' }),
  appleApps: z
    .array(appleApp)
    .max(50)
    .default([])
    .meta({ title: 'Apps for Apple devices that may use its passkeys, as team.bundle' }),
  hideTokenInBody: z.boolean().default(false).meta({ title: 'Keep the token out of the body' }),
  alertMail: z
    .array(z.email().max(254))
    .max(20)
    .default([])
    .meta({ title: 'Who gets a mail when a user reports a request that was not theirs' }),
  alertWebhooks: z
    .array(z.string().min(1).max(64))
    .max(5)
    .default([])
    .meta({ title: 'Webhooks of the realm that are called then' }),
  treeFindings: z.enum(['warn', 'error']).default('warn').meta({ title: 'What findings in journeys count as' }),
  oidcSubject: z.enum(['id', 'username', 'am']).default('id').meta({ title: 'What applications are told a user is' }),
  accessTokenProfile: z
    .enum(['rfc9068', 'am'])
    .default('rfc9068')
    .meta({ title: 'Claims of access tokens that are JWTs' }),
  indexedAttributes: z
    .array(attributeName)
    .max(20)
    .default([...USUAL_INDEXED_ATTRIBUTES])
    .meta({ title: 'Attributes that users are found by at once' }),
  passwordMinLength: z
    .int()
    .min(MIN_PASSWORD_LENGTH)
    .max(64)
    .default(MIN_PASSWORD_LENGTH)
    .meta({ title: 'Characters that a new password has at the least: 15 where nothing else proves who signs in' }),
  passwordBlocklist: z.boolean().default(true).meta({ title: 'Refuse new passwords that many people have' }),
  passwordForbiddenWords: z
    .array(z.string().trim().min(4).max(64))
    .max(100)
    .default([])
    .meta({ title: 'Words that make no password, such as names of the organisation and its products' }),
  reasonsRequired: z
    .boolean()
    .default(false)
    .meta({ title: 'Require a reason when an administrator changes the account of another user or removes a factor' }),
  startableJourneys: z.array(z.string().min(1).max(256)).max(200).default([]).meta({
    title:
      'Journeys that callers may start in addition to the default journey; an empty list allows all except inner journeys',
  }),
  authLevelJourneys: z
    .record(
      z.string().regex(/^[1-9]\d{0,4}$/, 'Must name levels by numbers from 1 to 99999, such as "10".'),
      z.string().min(1).max(256),
    )
    .refine((levels) => Object.keys(levels).length <= 100, 'Must have 100 levels at most.')
    .default({})
    .meta({
      title:
        'Journey for each authentication level that a policy may ask for; the lowest level that is high enough decides',
    }),
  policies: policyList.default([]).meta({
    title: 'Policies: what a session has to show for a resource, for gateways and agents that ask',
  }),
  fourEyes: z.boolean().default(false).meta({ title: 'Have a second administrator approve what changes journeys' }),
  ...brandSettings,
});

type Ours = keyof z.output<typeof assentService>;

const validationService = z.object({
  validGotoDestinations: z.array(z.string().min(1).max(2_048)).max(200).default([]).meta({
    title: 'Valid goto URL Resources',
  }),
});

export const SERVICE_TYPES: readonly ServiceType[] = [
  {
    id: 'assent',
    name: 'Assent',
    schema: assentService,
    isOurs: true,
    inRealm: {
      read: (realm) => Object.fromEntries(Object.keys(assentService.shape).map((name) => [name, realm[name as Ours]])),
      write: (config) => assentService.parse(config),
    },
  },
  {
    id: ANDROID_KEY_ATTESTATION_SERVICE,
    name: 'Android Key Attestation Service',
    schema: androidKeyAttestationService as unknown as z.ZodObject,
  },
  {
    id: AUTHENTICATOR_OATH_SERVICE,
    name: 'ForgeRock Authenticator (OATH) Service',
    schema: authenticatorOathService as unknown as z.ZodObject,
  },
  {
    id: AUTHENTICATOR_PUSH_SERVICE,
    name: 'ForgeRock Authenticator (Push) Service',
    schema: authenticatorPushService as unknown as z.ZodObject,
  },
  {
    id: AUTHENTICATOR_WEBAUTHN_SERVICE,
    name: 'WebAuthn Profile Encryption Service',
    schema: authenticatorWebAuthnService as unknown as z.ZodObject,
  },
  {
    id: DEVICE_BINDING_SERVICE,
    name: 'Device Binding Service',
    schema: deviceBindingService as unknown as z.ZodObject,
  },
  {
    id: WEBAUTHN_METADATA_SERVICE,
    name: 'WebAuthn Metadata Service',
    schema: webAuthnMetadataService,
    faultAt(config, now) {
      const [first] = outdatedCertificates(webAuthnMetadataService.parse(config), now);
      if (first === undefined) return undefined;
      const { setting, certificate, from, until } = first;
      return { setting, reason: `The certificate of ${certificate} is good from ${from} until ${until}, and not now.` };
    },
  },
  { id: PUSH_SERVICE, name: 'Push Notification Service', schema: pushNotificationService as unknown as z.ZodObject },
  { id: FCM_SERVICE, name: 'Push by Firebase Cloud Messaging', schema: fcmService, isOurs: true },
  { id: APNS_SERVICE, name: 'Push by Apple Push Notification service', schema: apnsService, isOurs: true },
  {
    id: LDAP_SERVICE,
    name: 'LDAP Directory',
    schema: ldapService as unknown as z.ZodObject,
    isOurs: true,
  },
  { id: MAIL_SERVICE, name: 'Email Service', schema: mailService as unknown as z.ZodObject, mayLack: true },
  { id: CONSENT_SERVICE, name: 'Consent', schema: consentService as unknown as z.ZodObject },
  {
    id: SECURITY_QUESTIONS_SERVICE,
    name: 'Security Questions',
    schema: securityQuestionsService as unknown as z.ZodObject,
  },
  {
    id: 'selfServiceTrees',
    name: 'Self Service Trees',
    schema: z.object({
      enabled: z
        .boolean()
        .default(true)
        .meta({ title: 'Enabled', description: 'Whether pages other than ours offer these journeys.' }),
      treeMapping: z.record(z.string().max(255), z.string().max(255)).default({}).meta({
        title: 'Tree Mapping',
        description: 'The journey for each task, such as registration, resetPassword or forgottenUsername.',
      }),
    }),
  },
  { id: SESSION_PROPERTIES_SERVICE, name: 'Session Property Whitelist Service', schema: sessionPropertiesService },
  { id: TERMS_SERVICE, name: 'Terms and Conditions', schema: termsService as unknown as z.ZodObject },
  {
    id: 'validation',
    name: 'Validation Service',
    schema: validationService,
    inRealm: {
      read: ({ gotoDestinations, kept }) => ({ validGotoDestinations: gotoDestinations, ...kept?.validation }),
      write: ({ validGotoDestinations, ...validation }, { kept }) => ({
        gotoDestinations: validationService.parse({ validGotoDestinations }).validGotoDestinations,
        kept: { ...kept, validation },
      }),
    },
  },
  { id: WEBHOOKS_SERVICE, name: 'Signatures of Webhooks', schema: webhooksService, isOurs: true },
];

/** Written, never read back (SEC-72). */
export const secretsOf = ({ schema }: ServiceType): ReadonlySet<string> => secretSettings({ config: schema });
