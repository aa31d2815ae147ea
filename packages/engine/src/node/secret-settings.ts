import type { z } from 'zod';
import { sameJson } from '../state/same-json.ts';
import type { NodeDefinition } from './node-definition.ts';
import { SINCE } from './node-version.ts';
import type { SecretPlaces } from './placeholders.ts';

type Configured = Pick<NodeDefinition, 'config'>;
type Settings = Readonly<Record<string, unknown>>;

const FORMAT = 'password';

export interface SecretMeta {
  readonly title: string;
  readonly description?: string;
  /**
   * The settings of the same definition that say to whom the secret is told, and in whose name. Where one of them changes, a
   * stored secret has to be given again: else whoever may configure could have it sent to a host of their own (SEC-72).
   */
  readonly goesWith: readonly string[];
  /** The hosts or URLs that the secret is sent to, by the other settings. Absent for one that is sent nowhere. */
  readonly sentTo?: (settings: Settings) => readonly unknown[];
}

/** What a setting says of itself that is written and never read back; for `.meta()`. */
export const secretMeta = (meta: SecretMeta) => ({ ...meta, format: FORMAT });

/** Members of a setting's meta that are for this server, and not for forms. */
export const OWN_META: ReadonlySet<string> = new Set<string>(['goesWith', 'sentTo', SINCE] satisfies (
  | keyof SecretMeta
  | typeof SINCE
)[]);

const metaOf = (field: unknown): Settings => (field as z.ZodType).meta() ?? {};

const secretsOfTypes = new WeakMap<Configured['config'], ReadonlySet<string>>();

/** Settings that are written and never read back (SEC-72). */
export const secretSettings = ({ config }: Configured): ReadonlySet<string> => {
  const known = secretsOfTypes.get(config);
  if (known !== undefined) return known;
  const secrets = new Set(
    Object.entries(config.shape)
      .filter(([, field]) => metaOf(field).format === FORMAT)
      .map(([name]) => name),
  );
  secretsOfTypes.set(config, secrets);
  return secrets;
};

/** What placeholders need to keep a secret in marked settings and to its hosts. `stored` are settings that are not among those resolved. */
export const secretPlaces = (definition: Configured, stored: Settings = {}): SecretPlaces => {
  const secrets = secretSettings(definition);
  return {
    has: (setting) => secrets.has(setting),
    addressesOf(setting, settings) {
      const { sentTo } = metaOf(definition.config.shape[setting]) as Partial<SecretMeta>;
      return sentTo?.({ ...stored, ...settings });
    },
  };
};

/** The settings that a secret goes with; none for one that is told to nobody. */
export const settingsWithSecret = ({ config }: Configured, secret: string): readonly string[] =>
  (metaOf(config.shape[secret]).goesWith as readonly string[] | undefined) ?? [];

/** A stored secret that cannot be kept, and why, in words for whoever saves. */
export interface SecretAskedAgain {
  readonly secret: string;
  readonly reason: string;
}

const isSet = (value: unknown): boolean => value !== undefined && value !== null && value !== '';

const differs = (one: unknown, other: unknown): boolean =>
  (isSet(one) || isSet(other)) && !sameJson(one ?? null, other ?? null);

/** Looks whether what is to be saved keeps a secret and tells it to somebody else. Both are whole, with their defaults. */
export const secretAskedAgain = (
  definition: Configured,
  stored: Settings,
  next: Settings,
  given: Settings,
): SecretAskedAgain | undefined => {
  for (const secret of secretSettings(definition)) {
    if (!isSet(stored[secret]) || (given[secret] ?? undefined) !== undefined) continue;
    const changed = settingsWithSecret(definition, secret).filter((name) => differs(stored[name], next[name]));
    if (changed.length === 0) continue;
    const reason = `Give it again, or an empty text for none: the stored one is kept only with the same ${changed.join(', ')}.`;
    return { secret, reason };
  }
  return undefined;
};
