import { fillIn, secretMeta } from '@assent/engine';
import { z } from 'zod';
import type { MailServer } from '../mail/mailer.ts';

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

export const mailServerOf = (config: {
  readonly hostName: string;
  readonly hostPort: number;
  readonly username?: string | null | undefined;
  readonly password?: string | null | undefined;
  readonly sslOption: keyof typeof SECURITY;
}): MailServer => ({
  host: config.hostName,
  port: config.hostPort,
  security: SECURITY[config.sslOption],
  ...(config.username && { credentials: { username: config.username, password: config.password ?? '' } }),
});

/** A text with the password in it: where the author put it, else behind the text. */
export const withPassword = (text: string, password: string): string =>
  text.includes('{{OTP}}') ? fillIn(text, { OTP: password }) : `${text}${password}`;
