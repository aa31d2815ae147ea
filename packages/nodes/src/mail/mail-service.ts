import { secretMeta } from '@assent/engine';
import { z } from 'zod';
import type { MailServer } from './mailer.ts';

/** AM's id of the service that says how a realm sends mail. */
export const MAIL_SERVICE = 'email';

const SECURITY = { SSL: 'tls', 'Start TLS': 'starttls', 'Non SSL': 'none' } as const;

/** The mail server of a realm, for mails out of templates. */
export const mailService = z.object({
  hostname: z.string().min(1).meta({ title: 'Mail Server Host Name' }),
  port: z.int().min(0).max(65_535).default(465).meta({ title: 'Mail Server Host Port' }),
  username: z.string().default('').meta({ title: 'Mail Server Authentication Username' }),
  password: z
    .string()
    .default('')
    .meta(
      secretMeta({
        title: 'Mail Server Authentication Password',
        goesWith: ['hostname', 'port', 'username', 'sslState'],
        sentTo: ({ hostname }) => [hostname],
      }),
    ),
  sslState: z.enum(['SSL', 'Start TLS', 'Non SSL']).default('SSL').meta({ title: 'Mail Server Secure Connection' }),
  from: z.string().min(1).meta({ title: 'Email From Address' }),
});

/** The service as it is stored, or why no mail can be sent by it: exports bring it without a server, too. */
export const readMailService = (
  config: Readonly<Record<string, unknown>>,
): { readonly service: z.output<typeof mailService> } | { readonly problem: string } => {
  const parsed = mailService.safeParse(config);
  if (parsed.success) return { service: parsed.data };
  const names = [...new Set(parsed.error.issues.map(({ path }) => String(path[0] ?? '')))].join(', ');
  return { problem: `The service "${MAIL_SERVICE}" of the realm has no usable ${names}.` };
};

export const realmMailServer = (config: z.output<typeof mailService>): MailServer => ({
  host: config.hostname,
  port: config.port,
  security: SECURITY[config.sslState],
  ...(config.username !== '' && { credentials: { username: config.username, password: config.password } }),
});
