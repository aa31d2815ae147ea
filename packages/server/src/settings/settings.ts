import { z } from 'zod';
import { AUDIT_SETTINGS } from './audit-settings.ts';
import { realmSecret } from './realm-secrets.ts';
import { RETENTION_SETTINGS } from './retention-settings.ts';
import { type Setting, setting } from './setting.ts';
import {
  httpUrl,
  isAddressRange,
  isHost,
  isHostPattern,
  isOrigin,
  isPrivateHost,
  isPublicUrl,
  isRedisUrl,
  listOf,
  normalUrl,
  wholeNumber,
  yesOrNo,
} from './setting-values.ts';

const optionalText = (form: RegExp) => z.string().regex(form).optional();

/** Every setting of the server, declared once: the flags of `assent serve`, the checks and the reference come from here. */
export const SETTINGS = Object.freeze({
  port: setting({
    flag: '--port',
    env: 'ASSENT_PORT',
    schema: wholeNumber(0, 65_535).default(8080),
    allowed: 'a whole number from 0 to 65535 (0: the system chooses)',
    description: 'The TCP port to listen on.',
  }),
  host: setting({
    flag: '--host',
    env: 'ASSENT_HOST',
    schema: z.string().refine(isHost).default('127.0.0.1'),
    allowed: 'an address of this machine, or a host name',
    description: 'The address to listen on.',
  }),
  managementPort: setting({
    flag: '--management-port',
    env: 'ASSENT_MANAGEMENT_PORT',
    schema: wholeNumber(0, 65_535).optional(),
    allowed: 'a whole number from 0 to 65535 (0: the system chooses)',
    defaultText: 'none: there is no such port',
    description:
      'The TCP port for those who run the server: health, with what is degraded, and metrics. Usual is 9464.',
  }),
  managementHost: setting({
    flag: '--management-host',
    env: 'ASSENT_MANAGEMENT_HOST',
    schema: z.string().refine(isHost).default('127.0.0.1'),
    allowed: 'an address of this machine, or a host name',
    description:
      'The address that the management port listens on. It asks nobody who they are: one that others reach belongs behind a firewall.',
  }),
  managementNames: setting({
    flag: '--management-names',
    env: 'ASSENT_MANAGEMENT_NAMES',
    schema: listOf(z.string().refine(isHost)).default([]),
    allowed: 'a list of host names such as node1.example.com',
    description:
      'Names by which the management port answers, beside addresses, names without a dot, those of this machine and of `publicUrl`, and those that end in .local, .internal, .localhost, .home.arpa or .svc: a page of another site cannot make its own name lead there.',
  }),
  metricsTokenFile: setting({
    flag: '--metrics-token-file',
    env: 'ASSENT_METRICS_TOKEN_FILE',
    schema: z.string().min(1).optional(),
    allowed: 'the path of a file',
    defaultText: 'none: the public port tells no metrics',
    description:
      'A file with the token of 20 characters or more by which `{am}/metrics` is read at the public port, as `Authorization: Bearer`.',
  }),
  securityTxt: setting({
    flag: '--security-txt',
    env: 'ASSENT_SECURITY_TXT',
    schema: z.string().min(1).optional(),
    allowed: 'the path of a file',
    defaultText: 'none: there is nothing at that address',
    description:
      'A file that is served at `/.well-known/security.txt` until it expires: whom to tell of a weakness of this installation (RFC 9116).',
  }),
  publicUrl: setting({
    flag: '--public-url',
    env: 'ASSENT_PUBLIC_URL',
    isShared: true,
    schema: z.string().refine(isPublicUrl).transform(normalUrl).optional(),
    allowed: 'a URL such as https://login.example.com/am, without query and fragment',
    defaultText: 'http://localhost:<port>/am',
    description: 'Where browsers and phones reach the server; its path is the context path.',
  }),
  sessionCookieSameSite: setting({
    flag: '--session-cookie-same-site',
    env: 'ASSENT_SESSION_COOKIE_SAME_SITE',
    isShared: true,
    schema: z.enum(['Lax', 'None']).default('Lax'),
    allowed: 'Lax or None',
    description:
      'Whether browsers send the session cookie with requests from other sites. `None` lets applications of another site renew their tokens silently in a frame; it needs an https public URL, and browsers that block third-party cookies ignore it.',
  }),
  sessionCookiePrefix: setting({
    flag: '--session-cookie-prefix',
    env: 'ASSENT_SESSION_COOKIE_PREFIX',
    isShared: true,
    schema: z.enum(['none', '__Host-']).default('none'),
    allowed: 'none or __Host-',
    description:
      'Before the name of the session cookie, `iPlanetDirectoryPro`. With `__Host-`, browsers take the cookie only over https and only from this host: no other host of the domain can set one. It needs an https public URL, and clients that read `cookieName` of `serverinfo`; a change ends the sessions of browsers.',
  }),
  instance: setting({
    flag: '--instance',
    env: 'ASSENT_INSTANCE',
    schema: optionalText(/^[\w.-]{1,64}$/),
    allowed: 'a name of 1 to 64 letters, digits, dots, dashes and underscores that no other instance has',
    defaultText: 'another one at each start',
    description:
      'The name of this instance among those that share a database. One that keeps its name goes on at once with what it was sending when it stopped.',
  }),
  dataDir: setting({
    flag: '--data-dir',
    env: 'ASSENT_DATA_DIR',
    schema: z.string().min(1).default('./data'),
    allowed: 'the path of a directory',
    description: 'Where the database and the master key are kept.',
  }),
  databaseUrl: setting({
    flag: '--database-url',
    env: 'ASSENT_DATABASE_URL',
    schema: optionalText(/^(?:memory:$|postgres(?:ql)?:\/\/.)/),
    allowed:
      'postgres://user@host/database, memory: (nothing is kept), or nothing at all for SQLite in the data directory',
    defaultText: 'SQLite in the data directory',
    withoutPassword: true,
    description:
      'The database. PostgreSQL on another machine is spoken to encrypted: `sslmode=verify-full`, with `sslrootcert=FILE` for an authority of your own.',
  }),
  databasePasswordFile: setting({
    flag: '--database-password-file',
    env: 'ASSENT_DATABASE_PASSWORD_FILE',
    schema: z.string().min(1).optional(),
    allowed: 'the path of a file',
    defaultText: 'none: what the URL has is the password',
    description: 'The password for PostgreSQL, read at each connect; in place of one in the URL.',
  }),
  databasePool: setting({
    flag: '--database-pool',
    env: 'ASSENT_DATABASE_POOL',
    schema: wholeNumber(1, 500).default(10),
    allowed: 'a whole number from 1 to 500',
    description: 'How many commits may be under way on PostgreSQL at once; three connections more are for reading.',
  }),
  databasePooler: setting({
    flag: '--database-pooler',
    env: 'ASSENT_DATABASE_POOLER',
    schema: z.enum(['transaction']).optional(),
    allowed: 'transaction, or nothing at all',
    defaultText: 'none: connections lead to the database itself',
    description:
      'transaction: PgBouncer, or one like it, stands before PostgreSQL, and lends a connection for a transaction.',
  }),
  migrate: setting({
    flag: '--migrate',
    env: 'ASSENT_MIGRATE',
    schema: z.enum(['auto', 'off']).default('auto'),
    allowed: 'auto or off',
    description:
      'off: a start changes no table, and refuses a schema that is not up to date; assent migrate brings it there.',
  }),
  redisUrl: setting({
    flag: '--redis-url',
    env: 'ASSENT_REDIS_URL',
    isShared: true,
    schema: z.string().refine(isRedisUrl).optional(),
    allowed:
      'a redis:// or rediss:// URL such as rediss://redis.example.com:6379; its password belongs in the file that ASSENT_REDIS_PASSWORD_FILE names',
    defaultText: 'none: instances look in the database, four times a second',
    description:
      'The Redis or Valkey by which instances that share a database tell each other at once what somebody waits for.',
  }),
  redisPasswordFile: setting({
    flag: '--redis-password-file',
    env: 'ASSENT_REDIS_PASSWORD_FILE',
    schema: z.string().min(1).optional(),
    allowed: 'the path of a file',
    defaultText: 'none: it asks for no password',
    description: 'A file with the password of Redis, read at each connect.',
  }),
  hashConcurrency: setting({
    env: 'ASSENT_HASH_CONCURRENCY',
    isInFile: false,
    schema: wholeNumber(1, 256).optional(),
    allowed: 'a whole number from 1 to 256',
    defaultText: 'one for each processor that is there for the process, by the quota of its container, too',
    description:
      'How many passwords are hashed at once; each takes 19 MiB of memory and a thread. The thread pool is made large enough for them, unless `UV_THREADPOOL_SIZE` says how large it is. It is there before flags and files are read, so that this is a variable alone.',
  }),
  drainSeconds: setting({
    flag: '--drain-seconds',
    env: 'ASSENT_DRAIN_SECONDS',
    schema: wholeNumber(0, 300).default(5),
    allowed: 'a whole number from 0 to 300',
    description:
      'For how long after SIGTERM the server still answers everything while `health/ready` says no, so that a load balancer stops sending requests here before the port closes; longer than it takes to notice. Ctrl+C does not wait.',
  }),
  adminPassword: setting({
    env: 'ASSENT_ADMIN_PASSWORD',
    isSecret: true,
    schema: z.string().min(8).max(1024).optional(),
    allowed: 'a text of 8 to 1024 characters',
    defaultText: 'generated at the first start, and shown once',
    description: 'The password that the administrator gets at the first start.',
  }),
  masterKey: setting({
    env: 'ASSENT_MASTER_KEY',
    isSecret: true,
    schema: optionalText(/^[A-Za-z0-9+/]{43}=?$|^[A-Za-z0-9_-]{43}=?$/),
    allowed: '32 bytes in base64 or base64url, as `openssl rand -base64 32` prints them',
    defaultText: 'generated into the data directory; with PostgreSQL none, it has to be given',
    description: 'The key under which the keys of the database are sealed.',
  }),
  adminSecondFactor: setting({
    flag: '--admin-second-factor',
    env: 'ASSENT_ADMIN_SECOND_FACTOR',
    isShared: true,
    schema: yesOrNo.optional(),
    allowed: 'true or false',
    defaultText: 'false with the demo, else true',
    description:
      'Roles count only in a session for which a phone, a code of an app or a recovery code was used beside the password.',
  }),
  seed: setting({
    flag: '--seed',
    env: 'ASSENT_SEED',
    schema: z.enum(['demo', 'none']).optional(),
    allowed: 'demo or none',
    defaultText: 'demo on a loopback address, else none',
    description: 'What an empty database is filled with.',
  }),
  trustedProxies: setting({
    flag: '--trusted-proxies',
    env: 'ASSENT_TRUSTED_PROXIES',
    schema: listOf(z.string().refine(isAddressRange)).default([]),
    allowed: 'a list of addresses and ranges such as 10.0.0.0/8, without /0',
    description: 'Proxies whose X-Forwarded-* headers are believed.',
  }),
  corsOrigins: setting({
    flag: '--cors-origins',
    env: 'ASSENT_CORS_ORIGINS',
    isShared: true,
    schema: listOf(z.string().refine(isOrigin)).default([]),
    allowed: 'a list of origins such as https://app.example.com, without path and without *',
    description: 'Origins whose pages may call the root realm.',
  }),
  sqliteSync: setting({
    flag: '--sqlite-sync',
    env: 'ASSENT_SQLITE_SYNC',
    schema: z.enum(['normal', 'full']).default('normal'),
    allowed: 'normal or full',
    description: 'full: every commit is on the disk before it is acknowledged.',
  }),
  snsEndpoint: setting({
    flag: '--sns-endpoint',
    env: 'AWS_ENDPOINT_URL_SNS',
    isShared: true,
    schema: z
      .string()
      .refine((value) => httpUrl(value) !== undefined)
      .optional(),
    allowed: 'an http or https URL',
    defaultText: "Amazon's, by region",
    description: 'Where Amazon SNS is reached.',
  }),
  webPushHosts: setting({
    flag: '--web-push-hosts',
    env: 'ASSENT_WEB_PUSH_HOSTS',
    isShared: true,
    schema: listOf(z.string().refine(isHostPattern)).default([]),
    allowed: 'a list of host names such as push.example.com, push.example.com:8443 or *.example.com',
    description: 'Push services that phones in browsers may be rung through, beside those of the known browsers.',
  }),
  privateHosts: setting({
    flag: '--private-hosts',
    env: 'ASSENT_PRIVATE_HOSTS',
    isShared: true,
    schema: listOf(z.string().refine(isPrivateHost)).default([]),
    allowed: 'a list of hosts such as app.internal, app.internal:8443, 10.0.0.7 or *.corp.example.com',
    description:
      'Hosts that may be called though their addresses are private: directories, mail servers, webhooks, logout notices, key sets and endpoints of push services. Without a port a usual one is meant.',
  }),
  realmSecrets: setting({
    flag: '--realm-secrets',
    env: 'ASSENT_REALM_SECRETS',
    isShared: true,
    schema: listOf(realmSecret).default([]),
    allowed:
      'a list such as /=esv.smtp.password@mail.example.com, /alpha=esv.alpha.smtp.password or /alpha=esv.alpha.*',
    description:
      'Which secrets of the environment (`ESV_…`) which realm may use: as `&{esv.…}`, in settings that are marked secret. A realm that is not listed may use none. Where several entries name a secret, those that name it most exactly count. With `@host` a secret is sent to that host alone; without it, its designers choose the host.',
  }),
  realmConfigurationMebibytes: setting({
    flag: '--realm-configuration-mebibytes',
    env: 'ASSENT_REALM_CONFIGURATION_MEBIBYTES',
    isShared: true,
    schema: wholeNumber(1, 1_024).default(16),
    allowed: 'a whole number from 1 to 1024',
    description:
      'How large the configuration of one realm may be: its journeys, nodes, scripts, services and applications as JSON, with 1 KiB for each. What makes a realm larger is refused with 413; commands on this machine are not limited.',
  }),
  authenticatorMetadataFiles: setting({
    flag: '--authenticator-metadata-files',
    env: 'ASSENT_AUTHENTICATOR_METADATA_FILES',
    isShared: true,
    schema: listOf(z.string().min(1)).default([]),
    allowed: 'a list of paths of files',
    description:
      'Files with metadata of the FIDO Alliance, for realms with the service `webAuthnMetadataService`: for a server that cannot call out. A realm itself names addresses of https only.',
  }),
  revocationListFiles: setting({
    flag: '--revocation-list-files',
    env: 'ASSENT_REVOCATION_LIST_FILES',
    isShared: true,
    schema: listOf(z.string().min(1)).default([]),
    allowed: 'a list of paths of files',
    description: 'Files with lists of revoked certificates (CRL), for the same realms.',
  }),
  nodes: setting({
    flag: '--nodes',
    env: 'ASSENT_NODES',
    schema: listOf(z.string()).default([]),
    allowed: 'a list of ESM modules that export node definitions',
    description: 'Modules with nodes of your own.',
  }),
  insecure: setting({
    flag: '--insecure',
    env: 'ASSENT_INSECURE',
    isShared: true,
    schema: yesOrNo.default(false),
    allowed: 'true or false',
    description: 'Allow http, the demo user and plain endpoints beyond this machine.',
  }),
  logLevel: setting({
    flag: '--log-level',
    env: 'ASSENT_LOG_LEVEL',
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
    allowed: 'trace, debug, info, warn, error, fatal or silent',
    description: 'The least severe event that is logged.',
  }),
  logFormat: setting({
    flag: '--log-format',
    env: 'ASSENT_LOG_FORMAT',
    schema: z.enum(['json', 'text']).default('json'),
    allowed: 'json or text',
    description:
      'How lines of the log are written to standard output: a JSON object each, for programs, or text for people.',
  }),
  ...AUDIT_SETTINGS,
  ...RETENTION_SETTINGS,
  configFile: setting({
    flag: '--config',
    env: 'ASSENT_CONFIG',
    isInFile: false,
    schema: optionalText(/\.(json|mjs)$/),
    allowed: 'the path of a .json or .mjs file',
    defaultText: 'assent.config.json or assent.config.mjs, where there is one',
    description: 'The configuration file.',
  }),
});

export type SettingName = keyof typeof SETTINGS;

export type GivenSettings = { readonly [K in SettingName]: z.output<(typeof SETTINGS)[K]['schema']> };

/** The settings in force, checked against each other. */
export interface Settings extends Omit<GivenSettings, 'publicUrl' | 'seed' | 'databaseUrl' | 'adminSecondFactor'> {
  /** Without a slash at its end; names port 0 where the system is to choose the port and no URL was given. */
  readonly publicUrl: string;
  /** Path of the public URL: `/am`, or empty. */
  readonly contextPath: string;
  readonly seed: 'demo' | 'none';
  readonly adminSecondFactor: boolean;
  /** Absent: SQLite in the data directory. */
  readonly databaseUrl: string | undefined;
}

/** In the order in which they are declared. */
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

/** The variable that names a file with a secret in place of the secret itself (OPS-59). */
export const secretVariable = (variable: string): string => `${variable}_FILE`;

/** One declaration, with what it may have beside a schema. */
export const settingOf = (name: SettingName): Setting => SETTINGS[name];
