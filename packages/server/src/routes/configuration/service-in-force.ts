import { type PlaceholderValues, resolvePlaceholders, type ServiceDocument } from '@assent/engine/host';
import { SERVICE_TYPES, type ServiceConfig, type ServiceType, secretsOf } from './service-types.ts';

/** Settings of a service with values for the placeholders of its secrets, and the names of those that have none here. */
export interface ServiceSecrets {
  readonly config: ServiceConfig;
  readonly missing: readonly string[];
}

export const isPlaceholder = (value: unknown): value is string => typeof value === 'string' && value.includes('&{');

const NONE: readonly string[] = [];

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
  if (Object.keys(named).length === 0) return { config, missing: NONE };
  const { settings, missing } = resolvePlaceholders(named, valueFor);
  return { config: { ...config, ...settings }, missing: [...missing.values()] };
};

/** A service as whoever works by it sees it; the very document where no secret of it stands elsewhere (OPS-59). */
export const serviceInForce = (
  document: ServiceDocument,
  valueFor: PlaceholderValues,
): { readonly document: ServiceDocument; readonly missing: readonly string[] } => {
  const type = SERVICE_TYPES.find(({ id }) => id === document.type);
  if (type === undefined) return { document, missing: NONE };
  const { config, missing } = withSecretValues(type, document.config, valueFor);
  return { document: config === document.config ? document : { ...document, config }, missing };
};
