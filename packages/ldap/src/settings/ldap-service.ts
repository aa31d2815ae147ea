import { X509Certificate } from 'node:crypto';
import { secretMeta } from '@assent/engine';
import { FilterParser } from 'ldapts';
import { z } from 'zod';

/** Name of the realm service by which the users of a realm are kept in a directory (OPS-73). */
export const LDAP_SERVICE = 'ldap';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

const isDirectoryUrl = (text: string): boolean => {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, pathname, search, hash, username } = new URL(text);
  const isBare = (pathname === '' || pathname === '/') && search === '' && hash === '' && username === '';
  return (protocol === 'ldap:' || protocol === 'ldaps:') && hostname !== '' && isBare;
};

const url = z.string().max(512).refine(isDirectoryUrl, 'Must be an address such as ldaps://directory.example.com:636.');

/** RFC 4512 §2.5, with the options that directories have for it. */
const attributeName = z
  .string()
  .max(128)
  .regex(/^[A-Za-z][\w.;-]*$/, 'Must be the name of an attribute of the directory, such as givenName.');

/** Names of ours that stand for something else than an attribute. */
const ourName = z
  .string()
  .max(128)
  .regex(/^[A-Za-z][\w-]*$/, 'Must be the name of an attribute, such as mail.')
  .refine((name) => !['username', 'uid', 'realm', 'inetUserStatus', 'kbaInfo'].includes(name), {
    error: 'Cannot be mapped: the server writes it by its own rules.',
  });

const filter = z
  .string()
  .max(2_048)
  .refine((text) => {
    try {
      return FilterParser.parseString(text) !== undefined;
    } catch {
      return false;
    }
  }, 'Must be a filter in parentheses, such as (objectClass=person).');

const BEGIN = '-----BEGIN CERTIFICATE-----';
const END = '-----END CERTIFICATE-----';

const certificatesIn = (text: string): readonly string[] =>
  text
    .split(BEGIN)
    .slice(1)
    .flatMap((part) => {
      const at = part.indexOf(END);
      return at < 0 ? [] : [`${BEGIN}${part.slice(0, at)}${END}`];
    });

/** Whatever else stands in the text, such as a key, would leave a directory that nobody trusts. */
const certificates = z
  .string()
  .max(262_144)
  .refine((text) => {
    if (text === '') return true;
    const blocks = certificatesIn(text);
    try {
      for (const block of blocks) new X509Certificate(block);
    } catch {
      return false;
    }
    return blocks.length > 0;
  }, 'Must be certificates in PEM, each from BEGIN CERTIFICATE to END CERTIFICATE.');

const USUAL_ATTRIBUTES = {
  mail: 'mail',
  givenName: 'givenName',
  sn: 'sn',
  cn: 'cn',
  telephoneNumber: 'telephoneNumber',
};

/** The first attribute of the directory that several names stand for: its values would be copied once for each of them. */
const mappedTwice = (mapped: Readonly<Record<string, string>>): string | undefined => {
  const seen = new Set<string>();
  return Object.values(mapped).find((name) => {
    // Directories compare these names without case (RFC 4512 §2.5).
    const folded = name.toLowerCase();
    const isSeen = seen.has(folded);
    seen.add(folded);
    return isSeen;
  });
};

/** Each is asked of the directory, or looked for, at every look-up of a user. */
const MAX_MAPPED = 100;
const atMost = <K extends z.core.$ZodRecordKey, V extends z.core.SomeType>(record: z.ZodRecord<K, V>) =>
  record.refine(
    (mapped) => Object.keys(mapped as object).length <= MAX_MAPPED,
    `Must have at most ${MAX_MAPPED} names.`,
  );

export const ldapService = z
  .object({
    urls: z.array(url).min(1).max(10).meta({
      title: 'Addresses of the directory',
      description: 'In order: the next one is asked where one cannot be reached.',
    }),
    kind: z.enum(['ldap', 'activeDirectory']).default('ldap').meta({
      title: 'Kind of directory',
      description: 'What says that an account is out of use, and how a password is changed.',
    }),
    startTls: z.boolean().default(false).meta({ title: 'Encrypt ldap:// by StartTLS' }),
    caCertificates: certificates.default('').meta({
      title: 'Certificates that are trusted',
      description: 'In PEM. Without any, those that the machine trusts.',
    }),
    bindDn: z.string().max(1_024).default('').meta({ title: 'DN that looks users up' }),
    bindPassword: z
      .string()
      .max(1_024)
      .default('')
      .meta(
        secretMeta({
          title: 'Password of that DN',
          goesWith: ['urls', 'startTls', 'caCertificates', 'bindDn'],
          sentTo: ({ urls }) => (Array.isArray(urls) ? urls : []),
        }),
      ),
    baseDn: z.string().min(1).max(1_024).meta({ title: 'DN below which users are' }),
    userFilter: filter.default('(objectClass=person)').meta({ title: 'Filter of users' }),
    usernameAttribute: attributeName.default('uid').meta({
      title: 'Attribute with the user name',
      description: 'uid; for Active Directory sAMAccountName or userPrincipalName.',
    }),
    idAttribute: attributeName.default('entryUUID').meta({
      title: 'Attribute with the lasting id of an entry',
      description: 'entryUUID; for Active Directory objectGUID. It must never change, and never be given twice.',
    }),
    attributes: atMost(z.record(ourName, attributeName)).default(USUAL_ATTRIBUTES).meta({
      title: 'Attributes that the directory has',
      description: 'By our name, the name of the directory. All others are kept here.',
    }),
    writableAttributes: z.array(ourName).max(100).default([]).meta({
      title: 'Attributes that may be written to the directory',
      description: 'Of those that it has, by our names.',
    }),
    roleOfGroup: atMost(
      z.record(z.string().min(1).max(1_024), z.enum(['owner', 'designer', 'helpdesk', 'auditor', 'gateway'])),
    )
      .default({})
      .meta({ title: 'Roles of administrators by group', description: 'By the DN of a group, as memberOf has it.' }),
    passwordWrites: z.boolean().default(false).meta({ title: 'Users may change their password in the directory' }),
    pageSize: z.int().min(1).max(1_000).default(500).meta({ title: 'Entries of a page' }),
    timeoutMillis: z
      .int()
      .min(100)
      .max(10_000)
      .default(2_000)
      .meta({ title: 'Longest time of a call, in milliseconds' }),
    poolSize: z.int().min(1).max(50).default(5).meta({ title: 'Most connections for look-ups' }),
  })
  .superRefine((service, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    for (const text of service.urls.filter(isDirectoryUrl)) {
      const { protocol, hostname } = new URL(text);
      if (protocol === 'ldap:' && !service.startTls && !LOOPBACK.has(hostname)) {
        refuse('urls', `${text} would carry passwords in the clear: set startTls, or use ldaps://.`);
      }
      if (protocol === 'ldaps:' && service.startTls) {
        refuse('startTls', `${text} is encrypted from the first byte: use ldap:// with startTls, or ldaps:// without.`);
      }
    }
    if ((service.bindDn === '') !== (service.bindPassword === '')) {
      // A bind with a name and no password succeeds as nobody (RFC 4513 §5.1.2).
      refuse(service.bindDn === '' ? 'bindDn' : 'bindPassword', 'bindDn and bindPassword belong together.');
    }
    if (service.kind === 'activeDirectory' && service.idAttribute.toLowerCase() !== 'objectguid') {
      refuse('idAttribute', 'Must be objectGUID for Active Directory.');
    }
    const twice = mappedTwice(service.attributes);
    if (twice !== undefined) {
      refuse('attributes', `Maps ${twice} more than once: keep one name for each attribute of the directory.`);
    }
    const unmapped = service.writableAttributes.find((name) => !Object.hasOwn(service.attributes, name));
    if (unmapped !== undefined) refuse('writableAttributes', `attributes does not say what ${unmapped} is there.`);
  });

export type LdapService = z.output<typeof ldapService>;

/** The service as it is stored, or what of it is not usable. */
export const readLdapService = (
  config: Readonly<Record<string, unknown>>,
): { readonly service: LdapService } | { readonly problem: string } => {
  const parsed = ldapService.safeParse(config);
  if (parsed.success) return { service: parsed.data };
  const [issue] = parsed.error.issues;
  return { problem: `The service "${LDAP_SERVICE}" has no usable ${String(issue?.path[0] ?? '')}: ${issue?.message}` };
};
