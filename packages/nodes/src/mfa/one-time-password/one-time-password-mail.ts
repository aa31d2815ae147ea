import { fillIn, type JourneyContext, type SendLimits, secretMeta, type Throttle } from '@assent/engine';
import { z } from 'zod';
import { type MailOwner, mayMail } from '../../mail/mail-limit.ts';
import type { Mailer, MailServer } from '../../mail/mailer.ts';
import { onStoreFailure } from '../../store-failure.ts';

/** Exports name it; there is no other here. */
export const DEFAULT_GATEWAY = 'com.sun.identity.authentication.modules.hotp.DefaultSMSGatewayImpl';
const SECURITY = { SSL: 'tls', START_TLS: 'starttls', NON_SSL: 'none' } as const;

/** The mail server, as the nodes that send a one-time password name it. */
export const mailServerSettings = {
  hostName: z.string().min(1).meta({
    title: 'Mail Server Host Name',
    description: 'The mail server.',
  }),
  hostPort: z.int().min(0).max(65_535).meta({
    title: 'Mail Server Host Port',
    description: 'Its port; 0 for the usual one: 465 for SSL, 587 for Start TLS, 25 otherwise.',
  }),
  username: z.string().nullish().meta({
    title: 'Mail Server Authentication Username',
    description: 'Who the mail server is told we are, where it asks.',
  }),
  password: z
    .string()
    .nullish()
    .meta(
      secretMeta({
        title: 'Mail Server Authentication Password',
        description: 'The password that goes with the name.',
        goesWith: ['hostName', 'hostPort', 'username', 'sslOption'],
        sentTo: ({ hostName }) => [hostName],
      }),
    ),
  secretLabelIdentifier: z.string().nullish().meta({
    title: 'Mail Server Secret Label Identifier',
    description: 'A label of a secret store. There is none here: it is reported, and the password is used.',
  }),
  fromEmailAddress: z.string().min(1).meta({
    title: 'Email From Address',
    description: 'The address that the mail comes from.',
  }),
};

/** The rest of it, which stands at the end. */
export const mailSecuritySettings = {
  sslOption: z.enum(['NON_SSL', 'SSL', 'START_TLS']).default('SSL').meta({
    title: 'Mail Server Secure Connection',
    description: 'SSL: encrypted from the start. START_TLS: encrypted before anything is said. NON_SSL: in clear.',
  }),
  smsGatewayImplementationClass: z.string().default(DEFAULT_GATEWAY).meta({
    title: 'Gateway Implementation Class',
    description: 'Kept for imports. Any other than the default fails, since no such class runs here.',
  }),
};

export const oneTimePasswordMailErrors = {
  noPassword: 'One time password not found',
  noGateway: 'Failed to create Sms sender class',
  noSecretStore: 'There is no secret store to look up "{{label}}" in; the password of the node is used.',
} as const;

type MailConfig = z.output<z.ZodObject<typeof mailServerSettings & typeof mailSecuritySettings>>;

const mailServerOf = (config: MailConfig): MailServer => ({
  host: config.hostName,
  port: config.hostPort,
  security: SECURITY[config.sslOption],
  ...(config.username && { credentials: { username: config.username, password: config.password ?? '' } }),
});

/** A text with the password in it: where the author put it, else behind the text. */
const withPassword = (text: string, password: string): string =>
  text.includes('{{OTP}}') ? fillIn(text, { OTP: password }) : `${text}${password}`;

/** One visit of a node that sends a one-time password. */
export interface OneTimePasswordVisit {
  readonly config: MailConfig;
  readonly realm: { readonly realm: string };
  readonly journey: Pick<JourneyContext, 'identifiedUser' | 'ownsAddress'>;
  readonly ports: { readonly mailer: Mailer; readonly sendLimitsNow: SendLimits; readonly throttle: Throttle };
  fail(id: 'notSent', values: Readonly<Record<string, string>>, cause: unknown): never;
  report(id: 'noSecretStore' | 'tooMany', values?: Readonly<Record<string, string>>): void;
}

/**
 * Hands the password to the mail server of the node; `false` where the address has had too many.
 *
 * The mail goes out while the node runs, ahead of the commit (docs/adr/0008): a server that refuses it must end the journey
 * in error, so the node cannot go on before it knows. Therefore it is counted in a commit before it goes out. A mail whose unit of work
 * then loses a race is harmless: the password in it is in no state and opens nothing, and the next one is counted for itself.
 */
export const mailOneTimePassword = async (
  { config, realm, journey, ports, fail, report }: OneTimePasswordVisit,
  mail: {
    readonly to: string;
    readonly owner: MailOwner | undefined;
    readonly subject: string;
    readonly content: string;
    readonly password: string;
  },
): Promise<boolean> => {
  if (config.secretLabelIdentifier) report('noSecretStore', { label: config.secretLabelIdentifier });
  if (!(await mayMail({ realm, journey, ports, limits: ports.sendLimitsNow }, mail.to, mail.owner))) {
    report('tooMany');
    return false;
  }
  const result = await onStoreFailure(
    () =>
      ports.mailer.send({
        server: mailServerOf(config),
        from: config.fromEmailAddress,
        to: mail.to,
        subject: fillIn(mail.subject, { OTP: mail.password }),
        text: withPassword(mail.content, mail.password),
      }),
    (cause) => fail('notSent', {}, cause),
  );
  if (result.status === 'refused') fail('notSent', {}, result.cause);
  return true;
};
