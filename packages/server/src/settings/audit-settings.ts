import { z } from 'zod';
import { readAuditSink } from './audit-sink-address.ts';
import { setting } from './setting.ts';
import { signingKeyFrom, wholeNumber } from './setting-values.ts';

/** What is kept of the audit trail, and where it is sent on to. */
export const AUDIT_SETTINGS = {
  auditDays: setting({
    flag: '--audit-days',
    env: 'ASSENT_AUDIT_DAYS',
    isShared: true,
    schema: wholeNumber(1, 36_500).default(400),
    allowed: 'a whole number from 1 to 36500',
    description:
      'For how many days rows of the audit trail are kept. Older ones are let go once a day, but never before the sink has them; a signed row says from where on the trail goes.',
  }),
  auditSink: setting({
    flag: '--audit-sink',
    env: 'ASSENT_AUDIT_SINK',
    isShared: true,
    schema: z
      .string()
      .refine((value) => readAuditSink(value) !== undefined)
      .optional(),
    allowed: 'stdout, file:PATH, syslog+tls://host:port, or an https URL without a name and a password in it',
    defaultText: 'none: the audit trail is in the database alone',
    description:
      'Where the audit trail is sent on to, each row at least once and in order: standard output (stdout), a file (file:PATH), syslog over TLS (syslog+tls://host:port), or a signed webhook (https://…).',
  }),
  auditSinkFrom: setting({
    flag: '--audit-sink-from',
    env: 'ASSENT_AUDIT_SINK_FROM',
    isShared: true,
    schema: z.enum(['now', 'beginning']).default('now'),
    allowed: 'now or beginning',
    description:
      'Where the sending of the audit trail begins, the first time that one is sent on from this database: with what happens from then on (and in the five minutes before), or with its first row. Later it goes on where it has stopped.',
  }),
  auditSinkSecret: setting({
    env: 'ASSENT_AUDIT_SINK_SECRET',
    isSecret: true,
    isInFile: false,
    schema: z
      .string()
      .refine((value) => signingKeyFrom(value) !== undefined)
      .optional(),
    allowed: 'whsec_ and 24 to 64 random bytes in base64, as `echo whsec_$(openssl rand -base64 32)` prints them',
    defaultText: 'none: a webhook would need one',
    description: 'The key that a webhook of the audit trail is signed with (Standard Webhooks); needed for one.',
  }),
  auditSinkCa: setting({
    flag: '--audit-sink-ca',
    env: 'ASSENT_AUDIT_SINK_CA',
    schema: z.string().min(1).optional(),
    allowed: 'the path of a file',
    defaultText: 'the authorities that Node.js trusts, and those of NODE_EXTRA_CA_CERTS',
    description:
      'A file (PEM) with the authorities that may vouch for a syslog receiver, in place of all others; read at each connect.',
  }),
} as const;
