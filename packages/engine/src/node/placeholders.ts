import { parseForeignJson } from '../foreign/foreign-json.ts';
/** What stands for a name such as `esv.smtp.password`. */
export type PlaceholderValue =
  /** May be placed in every setting. */
  | { readonly kind: 'plain'; readonly text: string }
  /** May be placed in settings that are marked secret, and in no other (SEC-92). */
  | {
      readonly kind: 'secret';
      readonly text: string;
      /** The hosts that the operator lets it be sent to; any where absent. */
      readonly hosts?: readonly string[] | undefined;
    }
  /** A secret that the operator has not allowed the realm to use: its text is not handed out at all. */
  | { readonly kind: 'withheld' };

/** The values for the placeholders of one realm; undefined for a name without one. */
export type PlaceholderValues = (name: string) => PlaceholderValue | undefined;

/** The values by realm: which secrets a realm may use is decided by the operator of the server. */
export type PlaceholderSource = (realm: string) => PlaceholderValues;

type Settings = Readonly<Record<string, unknown>>;

/** In which settings a secret may stand. */
export interface SecretPlaces {
  has(setting: string): boolean;
  /** Where the server sends what stands in that setting, by the other settings: hosts or URLs. Undefined where the definition does not say. */
  addressesOf?(setting: string, settings: Settings): readonly unknown[] | undefined;
}

/** Settings with values for their placeholders. A setting with a placeholder that has no value, or may not have it, keeps its text. */
export interface ResolvedSettings {
  readonly settings: Settings;
  /** By setting, the name of a placeholder for which there is no value. */
  readonly missing: ReadonlyMap<string, string>;
  /** By setting, why a secret is not put there, and what to do. */
  readonly refused: ReadonlyMap<string, string>;
}

const PLACEHOLDER = /&\{([\w.-]+)(?:\|((?:(?!&\{)[^}])*))?\}/g;

const jsonOf = (text: string): unknown => {
  try {
    return parseForeignJson(text);
  } catch {
    return text;
  }
};

/** What `{"$int": …}` and its like make of a text; what does not fit stays the text, which the schema then refuses. */
const COERCIONS: Readonly<Record<string, (text: string) => unknown>> = {
  $string: (text) => text,
  $int: jsonOf,
  $number: jsonOf,
  $bool: jsonOf,
  $array: jsonOf,
  $object: jsonOf,
  $list: (text) => text.split(',').map((item) => item.trim()),
};

const coercionOf = (value: object): readonly [coerce: (text: string) => unknown, inner: unknown] | undefined => {
  const [name, ...others] = Object.keys(value);
  const coerce = name !== undefined && others.length === 0 && Object.hasOwn(COERCIONS, name) && COERCIONS[name];
  return coerce ? [coerce, (value as Settings)[name as string]] : undefined;
};

/** How many characters of values the placeholders of one node or service get: a short name can stand for a long value thousands of times. */
const MAX_INSERTED = 65_536;
const TOO_LONG = `The values of its placeholders have more than ${MAX_INSERTED} characters together. Name long values less often.`;

type Text = (name: string) => string | undefined;

const resolved = (value: unknown, textFor: Text, miss: (name: string) => void): unknown => {
  if (typeof value === 'string') {
    return value.replace(PLACEHOLDER, (whole, name: string, otherwise: string | undefined) => {
      const found = textFor(name) ?? otherwise;
      if (found === undefined) miss(name);
      return found ?? whole;
    });
  }
  if (Array.isArray(value)) return value.map((item) => resolved(item, textFor, miss));
  if (typeof value !== 'object' || value === null) return value;
  const coercion = coercionOf(value);
  if (coercion !== undefined) {
    const [coerce, inner] = coercion;
    const text = resolved(inner, textFor, miss);
    return typeof text === 'string' ? coerce(text) : text;
  }
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, resolved(member, textFor, miss)]));
};

/**
 * Puts values into `&{name}`, `&{name|default}` and the wrappers round them, which configuration that was exported from
 * elsewhere has in place of what differs between deployments (spec: node-census §2).
 */
export const resolvePlaceholders = (
  given: Settings,
  valueFor: PlaceholderValues,
  secrets: SecretPlaces,
): ResolvedSettings => {
  const missing = new Map<string, string>();
  const refused = new Map<string, string>();
  const others: Record<string, unknown> = Object.create(null);
  let inserted = 0;
  /** Why a value has no room any more; what was put in so far is counted. */
  const tooLong = (found: PlaceholderValue): string | undefined => {
    if (found.kind !== 'withheld') inserted += found.text.length;
    return inserted > MAX_INSERTED ? TOO_LONG : undefined;
  };
  const resolvedSetting = (setting: string, value: unknown): unknown => {
    const textFor = (name: string): string | undefined => {
      const found = valueFor(name);
      const reason =
        found &&
        (refusalOf(name, found, secrets.has(setting)) ??
          wrongHostOf(name, found, secrets, setting, others) ??
          tooLong(found));
      if (reason === undefined) return found?.kind === 'withheld' ? undefined : found?.text;
      refused.set(setting, reason);
      return `&{${name}}`;
    };
    const result = resolved(value, textFor, (name) => missing.set(setting, name));
    // Half of a value is none: where one placeholder is refused, the others get no value either.
    return refused.has(setting) ? value : result;
  };
  // Secrets come last: where they are sent is said by the other settings, with their values.
  const names = Object.keys(given);
  for (const name of names) if (!secrets.has(name)) others[name] = resolvedSetting(name, given[name]);
  const entries = names.map((name) => [name, secrets.has(name) ? resolvedSetting(name, given[name]) : others[name]]);
  return { settings: Object.fromEntries(entries), missing, refused };
};

/** A host, or a URL without a user: readers of URLs differ about the host of any other. */
const ADDRESS = /^(?:[a-z][a-z\d+.-]*:\/\/)?([a-z\d.-]+|\[[\da-f:.]+\])(?::\d+)?(?:[/?#][^\\@]*)?$/i;

const isSentTo = (hosts: readonly string[], address: unknown): boolean => {
  const [, host] = ADDRESS.exec(String(address)) ?? [];
  return host !== undefined && hosts.includes(host.toLowerCase());
};

/** Why a secret that the operator has bound to hosts may not stand in a setting; undefined where it is sent to those alone. */
const wrongHostOf = (
  name: string,
  value: PlaceholderValue,
  secrets: SecretPlaces,
  setting: string,
  settings: Settings,
): string | undefined => {
  if (value.kind !== 'secret' || value.hosts === undefined) return undefined;
  const { hosts } = value;
  const addresses = secrets.addressesOf?.(setting, settings) ?? [];
  if (addresses.length > 0 && addresses.every((address) => isSentTo(hosts, address))) return undefined;
  if (addresses.length === 0) {
    return `The secret &{${name}} may be sent to ${hosts.join(', ')} alone, and this setting is sent to no host. Use another secret here, or have the operator list it in ASSENT_REALM_SECRETS without a host.`;
  }
  return `The secret &{${name}} may be sent to ${hosts.join(', ')} alone, and these settings send it elsewhere. Name that host in them, or have the operator change ASSENT_REALM_SECRETS.`;
};

/** Why a value may not stand in a setting, and what to do; undefined where it may. */
const refusalOf = (name: string, { kind }: PlaceholderValue, isSecretSetting: boolean): string | undefined => {
  if (kind === 'plain') return undefined;
  if (!isSecretSetting) {
    const plain = plainVariableOfPlaceholder(name);
    return `&{${name}} is a secret, and this setting is shown to others. Use a setting for secrets, or give the value as ${plain} if it may be public.`;
  }
  if (kind === 'secret') return undefined;
  return `This realm may not use the secret &{${name}}. The operator allows it by ASSENT_REALM_SECRETS.`;
};

const matchesIn = (value: unknown): readonly RegExpExecArray[] => [
  ...(JSON.stringify(value) ?? '').matchAll(PLACEHOLDER),
];

const namesOf = (matches: readonly RegExpExecArray[]): readonly string[] => [
  ...new Set(matches.map(([, name = '']) => name)),
];

/** The names of the placeholders in a value, however deep, with or without a default. */
export const placeholdersIn = (value: unknown): readonly string[] => namesOf(matchesIn(value));

/** The names of the placeholders that have no default in at least one place of the value. */
export const placeholdersWithoutDefault = (value: unknown): readonly string[] =>
  namesOf(matchesIn(value).filter(([, , otherwise]) => otherwise === undefined));

const PLAIN = 'ESV_PLAIN_';

/** The environment variable that gives the value of a name; only names of `esv.` have one, so that none reads others. */
export const variableOfPlaceholder = (name: string): string | undefined =>
  /^esv[.-]/i.test(name) ? name.toUpperCase().replace(/[.-]/g, '_') : undefined;

/** The variable that gives a plain value: `ESV_PLAIN_SMTP_HOST` for both `esv.smtp.host` and `esv.plain.smtp.host`. */
export const plainVariableOfPlaceholder = (name: string): string | undefined => {
  const variable = variableOfPlaceholder(name);
  return variable?.startsWith(PLAIN) ? variable : variable?.replace(/^ESV_/, PLAIN);
};
