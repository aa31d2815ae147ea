import {
  type PlaceholderSource,
  type PlaceholderValues,
  resolvePlaceholders,
  type ServiceDocument,
  secretPlaces,
} from '@assent/engine/host';
import { SERVICE_TYPES, type ServiceConfig, type ServiceType, secretsOf } from './service-types.ts';

/** Settings of a service with values for the placeholders of its secrets, and the names of those that have none here. */
export interface ServiceSecrets {
  readonly config: ServiceConfig;
  readonly missing: readonly string[];
  /** By setting, why its secret may not be used, and what to do. */
  readonly refused: ReadonlyMap<string, string>;
}

export const isPlaceholder = (value: unknown): value is string => typeof value === 'string' && value.includes('&{');

const NONE: readonly string[] = [];
const NONE_REFUSED: ReadonlyMap<string, string> = new Map();

/**
 * Puts values into the placeholders of secrets, and of nothing else: what is no secret is read back over REST, and shown on pages (SEC-72). Hands back
 * the very settings where no secret has one.
 */
export const withSecretValues = (
  type: ServiceType,
  config: ServiceConfig,
  valueFor: PlaceholderValues,
): ServiceSecrets => {
  const named = Object.fromEntries(
    [...secretsOf(type)].flatMap((name) => {
      const given = config[name];
      return isPlaceholder(given) ? [[name, given]] : [];
    }),
  );
  if (Object.keys(named).length === 0) return { config, missing: NONE, refused: NONE_REFUSED };
  const { settings, missing, refused } = resolvePlaceholders(
    named,
    valueFor,
    secretPlaces({ config: type.schema }, config),
  );
  return { config: { ...config, ...settings }, missing: [...missing.values()], refused };
};

/** Whether a secret of a service in force still has a placeholder in place of its value: with that the service reaches no other server. */
export const lacksSecret = ({ type: id, config }: Pick<ServiceDocument, 'type' | 'config'>): boolean => {
  const type = SERVICE_TYPES.find((it) => it.id === id);
  return type !== undefined && [...secretsOf(type)].some((name) => isPlaceholder(config[name]));
};

/** A service as whoever works by it sees it; the very document where no secret of it stands elsewhere (OPS-59). */
export const serviceInForce = (
  document: ServiceDocument,
  source: PlaceholderSource,
): Omit<ServiceSecrets, 'config'> & { readonly document: ServiceDocument } => {
  const type = SERVICE_TYPES.find(({ id }) => id === document.type);
  if (type === undefined) return { document, missing: NONE, refused: NONE_REFUSED };
  const { config, missing, refused } = withSecretValues(type, document.config, source(document.realm));
  return { document: config === document.config ? document : { ...document, config }, missing, refused };
};
