import { isIP } from 'node:net';
import { z } from 'zod';
import { isLoopback } from '../http/origin-rules.ts';

/** Text from a flag or the environment counts as the number that it spells. */
const wholeNumber = (least: number, most: number) =>
  z
    .preprocess((value) => (typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value), z.int())
    .refine((value) => value >= least && value <= most);

const yesOrNo = z.preprocess(
  (value) => (value === 'true' || value === '1' ? true : value === 'false' || value === '0' ? false : value),
  z.boolean(),
);

/** A list in a configuration file; one text with commas, or a flag given more than once, elsewhere. */
const listOf = (item: z.ZodType<string, string>) =>
  z
    .preprocess(
      (value) => (typeof value === 'string' ? [value] : value),
      z
        .array(z.string())
        .transform((values) => values.flatMap((value) => value.split(',')).map((value) => value.trim())),
    )
    .transform((values) => values.filter((value) => value !== ''))
    .pipe(z.array(item));

/** Every address at once (`/0`) would let any client choose its own address (SEC-63). */
const isAddressRange = (value: string): boolean => {
  const [address = '', prefix, ...rest] = value.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  if (prefix === undefined) return true;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= (family === 4 ? 32 : 128);
};

const isHost = (value: string): boolean =>
  isIP(value) !== 0 || /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i.test(value);

/** Names alone: an address would stand for whatever answers there. */
const isPushServiceHost = (value: string): boolean => {
  const [name = '', port, ...rest] = value.replace(/^\*\./, '').split(':');
  return isHost(name) && isIP(name) === 0 && rest.length === 0 && (port === undefined || /^\d{1,5}$/.test(port));
};

const httpUrl = (value: string): URL | undefined => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' ? url : undefined;
};

const isPublicUrl = (value: string): boolean => {
  const url = httpUrl(value);
  return url !== undefined && !/[?#]/.test(value) && /^(\/[\w.~-]+)*\/*$/.test(url.pathname);
};

const isOrigin = (value: string): boolean => httpUrl(value)?.origin === value;

/** Without the slashes at its end, and spelled as browsers spell it: lower-case host, no default port. */
const normalUrl = (value: string): string => {
  const url = new URL(value);
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
};

interface Setting<S extends z.ZodType = z.ZodType> {
  /** Absent where the setting has no place on a command line: secrets would show in the list of processes. */
  readonly flag?: string;
  readonly env: string;
  /** Its name in the configuration file, and in `Settings`; `false` where a file cannot hold it. */
  readonly isInFile?: false;
  readonly schema: S;
  /** Ends the sentence "allowed is …". */
  readonly allowed: string;
  /** As text where the value depends on others. */
  readonly defaultText?: string;
  readonly isSecret?: true;
  readonly description: string;
}

const setting = <S extends z.ZodType>(definition: Setting<S>): Setting<S> => definition;

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
  publicUrl: setting({
    flag: '--public-url',
    env: 'ASSENT_PUBLIC_URL',
    schema: z.string().refine(isPublicUrl).transform(normalUrl).optional(),
    allowed: 'a URL such as https://login.example.com/am, without query and fragment',
    defaultText: 'http://localhost:<port>/am',
    description: 'Where browsers and phones reach the server; its path is the context path.',
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
    schema: z.literal('memory:').optional(),
    allowed: 'memory: (nothing is kept), or nothing at all for SQLite in the data directory',
    defaultText: 'SQLite in the data directory',
    description: 'The database.',
  }),
  redisUrl: setting({
    env: 'ASSENT_REDIS_URL',
    schema: z.undefined(),
    allowed: 'nothing: one instance needs no hint bus, and this version runs as one',
    description: 'A hint bus for several instances.',
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
    schema: z
      .string()
      .regex(/^[A-Za-z0-9+/]{43}=?$|^[A-Za-z0-9_-]{43}=?$/)
      .optional(),
    allowed: '32 bytes in base64 or base64url, as `openssl rand -base64 32` prints them',
    defaultText: 'generated into the data directory',
    description: 'The key under which the keys of the database are sealed.',
  }),
  adminSecondFactor: setting({
    flag: '--admin-second-factor',
    env: 'ASSENT_ADMIN_SECOND_FACTOR',
    schema: yesOrNo.default(false),
    allowed: 'true or false',
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
    schema: listOf(z.string().refine(isPushServiceHost)).default([]),
    allowed: 'a list of host names such as push.example.com, push.example.com:8443 or *.example.com',
    description: 'Push services that phones in browsers may be rung through, beside those of the known browsers.',
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
  configFile: setting({
    flag: '--config',
    env: 'ASSENT_CONFIG',
    isInFile: false,
    schema: z
      .string()
      .regex(/\.(json|mjs)$/)
      .optional(),
    allowed: 'the path of a .json or .mjs file',
    defaultText: 'assent.config.json or assent.config.mjs, where there is one',
    description: 'The configuration file.',
  }),
});

export type SettingName = keyof typeof SETTINGS;

type Given = { readonly [K in SettingName]: z.output<(typeof SETTINGS)[K]['schema']> };

/** The settings in force, checked against each other. */
export interface Settings extends Omit<Given, 'publicUrl' | 'seed' | 'databaseUrl'> {
  /** Without a slash at its end; names port 0 where the system is to choose the port and no URL was given. */
  readonly publicUrl: string;
  /** Path of the public URL: `/am`, or empty. */
  readonly contextPath: string;
  readonly seed: 'demo' | 'none';
  /** Absent: SQLite in the data directory. */
  readonly databaseUrl: 'memory:' | undefined;
}

/** What a configuration file said, and its name for messages. */
export interface ConfigFile {
  readonly file: string;
  readonly values: unknown;
}

export interface SettingsSources {
  /** By name of the setting, `port` for `--port`; undefined where the flag was not given. */
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads the named file, or the default one, which may be absent. */
  readonly readConfigFile?: (path: string | undefined) => Promise<ConfigFile | undefined>;
}

/** The settings, and for each where its value came from. */
export interface LoadedSettings {
  readonly settings: Settings;
  readonly sources: Readonly<Record<SettingName, string>>;
}

/** Wrong settings, all of them at once; each problem names the setting, its source and what is allowed. */
export class SettingsRefused extends Error {
  override readonly name = 'SettingsRefused';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

const NAMES = Object.keys(SETTINGS) as SettingName[];
const byName = (name: SettingName): Setting => SETTINGS[name];

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Resolves each setting from flag, environment, configuration file and default, and refuses what is unknown or wrong. */
export const loadSettings = async (from: SettingsSources): Promise<LoadedSettings> => {
  const problems: string[] = [];
  const flags = Object.fromEntries(Object.entries(from.flags ?? {}).filter(([, value]) => value !== undefined));
  // Nothing between the quotes is how shells and compose files spell "not set".
  const env = Object.fromEntries(Object.entries(from.env).filter(([, value]) => value !== undefined && value !== ''));

  problems.push(...unknownFlags(flags), ...unknownVariables(env));
  const configPath = flags.configFile ?? env[SETTINGS.configFile.env];
  const file = await from.readConfigFile?.(typeof configPath === 'string' ? configPath : undefined);
  const fileValues = file === undefined ? {} : isObject(file.values) ? file.values : undefined;
  if (file !== undefined) {
    if (fileValues === undefined) problems.push(`${file.file} has to hold one object of settings.`);
    else problems.push(...unknownKeys(file.file, fileValues));
  }

  const values: Record<string, unknown> = {};
  const sources = {} as Record<SettingName, string>;
  for (const name of NAMES) {
    const definition = byName(name);
    const given = [
      { value: flags[name], called: definition.flag ?? name, source: 'flag' },
      { value: env[definition.env], called: definition.env, source: 'environment' },
      { value: definition.isInFile === false ? undefined : fileValues?.[name], called: name, source: file?.file ?? '' },
    ].find(({ value }) => value !== undefined);
    const parsed = definition.schema.safeParse(given?.value);
    sources[name] =
      given === undefined ? 'default' : given.source === 'environment' ? `environment, ${given.called}` : given.source;
    if (parsed.success) values[name] = parsed.data;
    else problems.push(wrongValue(name, given?.called ?? name, given?.source ?? 'default', given?.value));
  }
  if (problems.length > 0) throw new SettingsRefused(problems);

  const settings = withDefaults(values as Given);
  const broken = brokenRules(settings, sources);
  if (broken.length > 0) throw new SettingsRefused(broken);
  return { settings, sources };
};

/** True where nobody but this machine can connect; `::1` is how a listening address spells `[::1]`. */
const isLocalHost = (host: string): boolean =>
  isLoopback(isIP(host) === 6 ? new URL(`http://[${host}]`).hostname : host);

/** Values that depend on others. */
const withDefaults = (given: Given): Settings => {
  const publicUrl = given.publicUrl ?? `http://localhost:${given.port}/am`;
  const isLocal = isLocalHost(given.host) && isLoopback(new URL(publicUrl).hostname);
  return {
    ...given,
    publicUrl,
    contextPath: new URL(publicUrl).pathname.replace(/\/+$/, ''),
    seed: given.seed ?? (isLocal ? 'demo' : 'none'),
    databaseUrl: given.databaseUrl,
  };
};

/** What one setting allows only with another (design.md §2 "Public URL", §3.3 "demo seed", "provider endpoints"). */
const brokenRules = (settings: Settings, sources: Readonly<Record<string, string>>): readonly string[] => {
  if (settings.insecure) return [];
  const problems: string[] = [];
  const { protocol, hostname } = new URL(settings.publicUrl);
  const isPublicLocal = isLoopback(hostname);
  if (protocol === 'http:' && !isPublicLocal) {
    problems.push(
      `The public URL ${settings.publicUrl} (${sources.publicUrl}) is http on another host than localhost, so passwords would ` +
        'travel in the clear: give an https URL, or allow it with --insecure.',
    );
  } else if (protocol === 'http:' && !isLocalHost(settings.host)) {
    problems.push(
      `Listening on ${settings.host} (${sources.host}) reaches beyond this machine, which needs an https URL in ` +
        'ASSENT_PUBLIC_URL; or allow http with --insecure.',
    );
  }
  if (settings.seed === 'demo' && !(isPublicLocal && isLocalHost(settings.host))) {
    problems.push(
      `The demo user has a known password, so the seed demo (${sources.seed}) is for this machine alone: set the seed to ` +
        'none, or allow it with --insecure.',
    );
  }
  if (settings.snsEndpoint !== undefined) {
    const endpoint = new URL(settings.snsEndpoint);
    if (endpoint.protocol === 'http:' || isLoopback(endpoint.hostname)) {
      problems.push(
        `AWS_ENDPOINT_URL_SNS (${sources.snsEndpoint}) is plain http or on this machine: give an https URL, or allow it ` +
          'with --insecure.',
      );
    }
  }
  return problems;
};

const unknownFlags = (flags: Readonly<Record<string, unknown>>): readonly string[] => {
  const known = NAMES.filter((name) => byName(name).flag !== undefined);
  return Object.keys(flags)
    .filter((name) => !known.some((it) => it === name))
    .map((name) =>
      unknown(
        name,
        'flag',
        known.flatMap((it) => byName(it).flag ?? []),
      ),
    );
};

/** `ASSENT_TEST_*` belongs to the tests, which may start a server. */
const unknownVariables = (env: Readonly<Record<string, unknown>>): readonly string[] => {
  const known = NAMES.map((name) => byName(name).env).filter((name) => name.startsWith('ASSENT_'));
  return Object.keys(env)
    .filter((name) => name.startsWith('ASSENT_') && !name.startsWith('ASSENT_TEST_') && !known.includes(name))
    .sort()
    .map((name) => unknown(name, 'environment', known));
};

const unknownKeys = (file: string, values: Readonly<Record<string, unknown>>): readonly string[] => {
  const known = NAMES.filter((name) => byName(name).isInFile !== false);
  return Object.keys(values)
    .filter((key) => !known.some((it) => it === key))
    .map((key) => unknown(key, file, known));
};

const unknown = (name: string, source: string, known: readonly string[]): string =>
  `${name} (${source}) is no setting. Known are: ${known.join(', ')}.`;

const wrongValue = (name: SettingName, called: string, source: string, value: unknown): string => {
  const { allowed, isSecret } = byName(name);
  const shown = isSecret ? 'has a value that cannot be' : `cannot be ${shownValue(value)}`;
  const reason = typeof value === 'string' ? notYet(name, value) : '';
  return `${called} (${source}) ${shown}.${reason} Allowed is ${allowed}.`;
};

const notYet = (name: SettingName, value: string): string => {
  if (name === 'databaseUrl' && /^postgres(ql)?:/.test(value)) return ' PostgreSQL is not there yet.';
  return name === 'redisUrl' ? ' Redis is not there yet.' : '';
};

/** A URL may carry a password, which belongs in no message. */
const shownValue = (value: unknown): string => {
  if (typeof value === 'string' && URL.canParse(value)) {
    const url = new URL(value);
    if (url.password !== '' || url.username !== '') return `a ${url.protocol}//… URL`;
  }
  return JSON.stringify(value)?.slice(0, 200) ?? String(value);
};

/** One setting as `assent serve --print-config` shows it. */
export interface DescribedSetting {
  readonly name: SettingName;
  readonly env: string;
  readonly flag: string | undefined;
  readonly value: unknown;
  readonly source: string;
  readonly description: string;
}

/** Every setting with its value and where that came from; the values of secrets are masked. */
export const describeSettings = ({ settings, sources }: LoadedSettings): readonly DescribedSetting[] =>
  NAMES.map((name) => {
    const { env, flag, isSecret, description, defaultText } = byName(name);
    const value = settings[name] === undefined ? (defaultText ?? '') : isSecret ? '********' : settings[name];
    return { name, env, flag, value, source: sources[name], description };
  });
