/** The value that stands for a name such as `esv.smtp.password`; undefined where there is none. */
export type PlaceholderValues = (name: string) => string | undefined;

type Settings = Readonly<Record<string, unknown>>;

/** Settings with values for their placeholders, and by setting the names of those for which there was none. */
export interface ResolvedSettings {
  readonly settings: Settings;
  readonly missing: ReadonlyMap<string, string>;
}

const PLACEHOLDER = /&\{([\w.-]+)(?:\|((?:(?!&\{)[^}])*))?\}/g;

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
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

const resolved = (value: unknown, valueFor: PlaceholderValues, miss: (name: string) => void): unknown => {
  if (typeof value === 'string') {
    return value.replace(PLACEHOLDER, (whole, name: string, otherwise: string | undefined) => {
      const found = valueFor(name) ?? otherwise;
      if (found === undefined) miss(name);
      return found ?? whole;
    });
  }
  if (Array.isArray(value)) return value.map((item) => resolved(item, valueFor, miss));
  if (typeof value !== 'object' || value === null) return value;
  const coercion = coercionOf(value);
  if (coercion !== undefined) {
    const [coerce, inner] = coercion;
    const text = resolved(inner, valueFor, miss);
    return typeof text === 'string' ? coerce(text) : text;
  }
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, resolved(member, valueFor, miss)]));
};

/**
 * Puts values into `&{name}`, `&{name|default}` and the wrappers round them, which configuration that was exported from
 * elsewhere has in place of what differs between deployments (spec: node-census §2).
 */
export const resolvePlaceholders = (given: Settings, valueFor: PlaceholderValues): ResolvedSettings => {
  const missing = new Map<string, string>();
  const entries = Object.entries(given).map(([setting, value]) => [
    setting,
    resolved(value, valueFor, (name) => missing.set(setting, name)),
  ]);
  return { settings: Object.fromEntries(entries), missing };
};

/** The environment variable that gives the value of a name; only names of `esv.` have one, so that none reads others. */
export const variableOfPlaceholder = (name: string): string | undefined =>
  /^esv[.-]/i.test(name) ? name.toUpperCase().replace(/[.-]/g, '_') : undefined;
