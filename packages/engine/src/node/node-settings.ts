import { z } from 'zod';
import type { NodeDefinition } from './node-definition.ts';
import { type PlaceholderValues, resolvePlaceholders } from './placeholders.ts';
import { OWN_META, secretPlaces } from './secret-settings.ts';

type Configured = Pick<NodeDefinition, 'config'>;
type JsonSchema = Readonly<Record<string, unknown>>;

export interface SettingIssue {
  readonly path: string;
  readonly message: string;
}

/** What the settings of a node come to. */
export interface ReadSettings {
  /** Absent where they cannot be used as they are. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** What is wrong with those that are given. */
  readonly issues: readonly SettingIssue[];
  /** What is wrong with them and yet kept: see `keptThoughWrong`. */
  readonly kept: readonly SettingIssue[];
  /** Those that are not given and have no default. */
  readonly lacking: readonly string[];
  /** By setting, the name of a placeholder for which there is no value here. */
  readonly missing: ReadonlyMap<string, string>;
  /** By setting, why a secret may not stand in it, and what to do. */
  readonly refused: ReadonlyMap<string, string>;
}

/** Checks settings as they are, without placeholders. */
export const parseSettings = (
  { config }: Configured,
  given: Readonly<Record<string, unknown>>,
): Omit<ReadSettings, 'missing' | 'refused'> => {
  const parsed = config.safeParse(given);
  if (parsed.success) return { config: parsed.data, issues: [], kept: [], lacking: [] };
  const isLacking = (name: PropertyKey | undefined) => name !== undefined && given[String(name)] === undefined;
  const found = parsed.error.issues;
  const told = ({ path, message }: z.core.$ZodIssue): SettingIssue => ({ path: path.map(String).join('.'), message });
  const isKept = (issue: z.core.$ZodIssue) => issue.code === 'custom' && issue.params?.isKept === true;
  const wrong = found.filter(({ path: [name] }) => !isLacking(name));
  const issues = wrong.filter((issue) => !isKept(issue)).map(told);
  const kept = wrong.filter(isKept).map(told);
  const lacking = new Set(found.flatMap(({ path: [name] }) => (isLacking(name) ? [String(name)] : [])));
  return { issues, kept, lacking: [...lacking] };
};

/** Fills in placeholders and checks the settings; one whose placeholder has no value, or may not have it, counts as not given. */
export const readSettings = (
  configured: Configured,
  given: Readonly<Record<string, unknown>>,
  valueFor: PlaceholderValues,
): ReadSettings => {
  // A member that is no setting has no effect, and gets no value.
  const own = Object.entries(given).filter(([name]) => Object.hasOwn(configured.config.shape, name));
  const { settings, missing, refused } = resolvePlaceholders(
    Object.fromEntries(own),
    valueFor,
    secretPlaces(configured),
  );
  const isAbsent = (name: string) => missing.has(name) || refused.has(name);
  const present = Object.fromEntries(Object.entries(settings).filter(([name]) => !isAbsent(name)));
  const { lacking, ...parsed } = parseSettings(configured, present);
  return { ...parsed, lacking: lacking.filter((name) => !isAbsent(name)), missing, refused };
};

/** Why settings cannot be used, one sentence for each. */
export const settingsFaults = ({ issues, kept, lacking, missing, refused }: ReadSettings): readonly string[] => [
  ...[...refused].map(([setting, reason]) => `${setting}: ${reason}`),
  ...[...issues, ...kept].map(({ path, message }) => `${path}: ${message}`),
  ...lacking.map((name) => `${name}: it is not set, and has no default`),
  ...[...missing].map(([setting, name]) => `${setting}: there is no value for &{${name}}`),
];

/** The bounds that every whole number of JavaScript has say nothing to a reader. */
const isWidestBound = (name: string, value: unknown): boolean =>
  /^(min|max)imum$/.test(name) && Math.abs(Number(value)) >= Number.MAX_SAFE_INTEGER;

const forReaders = (property: JsonSchema): JsonSchema =>
  Object.fromEntries(
    Object.entries(property).filter(([name, value]) => !OWN_META.has(name) && !isWidestBound(name, value)),
  );

/** JSON Schema of the settings of a node type, with titles, descriptions and defaults, in the order of the definition. */
export const settingsSchema = ({ config }: Configured) => {
  const { properties = {}, required = [] } = z.toJSONSchema(config, { io: 'input', target: 'draft-7' });
  return {
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [name, forReaders(property as JsonSchema)]),
    ),
    required,
  };
};

const defaults = new WeakMap<Configured['config'], Readonly<Record<string, unknown>>>();

/** What settings are by themselves; one that has to be given, or may be left out, is not among them. Read once for each type. */
export const defaultSettings = ({ config }: Configured): Readonly<Record<string, unknown>> => {
  const known = defaults.get(config);
  if (known !== undefined) return known;
  const read = Object.fromEntries(
    Object.entries(config.shape).flatMap(([name, field]) => {
      const { success, data } = z.safeParse(field as z.ZodType, undefined);
      return success && data !== undefined ? [[name, data]] : [];
    }),
  );
  defaults.set(config, read);
  return read;
};
