import {
  type PlaceholderValues,
  parseSettings,
  placeholdersIn,
  resolvePlaceholders,
  secretAskedAgain,
} from '@assent/engine/host';
import { isJsonObject } from '@assent/wire';
import { type Answer, badRequest, refuse } from '../../http/call.ts';
import { refusedAttribute } from './refused-attribute.ts';
import { isPlaceholder, withSecretValues } from './service-in-force.ts';
import { defaultsOf, without, withoutUnset } from './service-record.ts';
import { type ServiceConfig, type ServiceType, secretsOf } from './service-types.ts';

/** A secret in a setting that is shown to others would have no effect there, and tell its name for nothing. */
const misplacedSecrets = (
  type: ServiceType,
  given: ServiceConfig,
  valueFor: PlaceholderValues,
): ReadonlyMap<string, string> => {
  const secrets = secretsOf(type);
  const shown = Object.entries(given).filter(([name, value]) => !secrets.has(name) && placeholdersIn(value).length > 0);
  return resolvePlaceholders(Object.fromEntries(shown), valueFor, secrets).refused;
};

/** What is wrong, with the place in the setting where that is a part of it: `policies.1.resources.0`. */
const atPlace = ({ path, message }: { readonly path: string; readonly message: string }): string =>
  path.includes('.') ? `${message} (at ${path})` : message;

/** The settings that a body makes, over the stored secrets; or what is wrong with it. */
export const checkedService = (
  type: ServiceType,
  body: unknown,
  before: ServiceConfig | undefined,
  { valueFor, now }: { readonly valueFor: PlaceholderValues; readonly now: number },
): { config: ServiceConfig } | Answer => {
  if (!isJsonObject(body)) return badRequest('The body must be a JSON object.');
  const known = new Set(Object.keys(type.schema.shape));
  const given = without(body, (name) => name.startsWith('_') || !known.has(name));
  const unknown = without(body, (name) => name.startsWith('_') || known.has(name));
  if (type.isOurs === true && Object.keys(unknown).length > 0) {
    const validAttributes = [...known].sort();
    return refuse(400, 'Invalid attribute specified.', { validAttributes });
  }
  const kept = Object.fromEntries(
    [...secretsOf(type)]
      .filter((name) => given[name] === undefined || given[name] === null)
      .flatMap((name) => (before?.[name] === undefined ? [] : [[name, before[name]]])),
  );
  const settings = { ...without(given, (name) => given[name] === null), ...kept };
  const values = withSecretValues(type, settings, valueFor);
  const [refused] = [...values.refused, ...misplacedSecrets(type, given, valueFor)];
  if (refused !== undefined) return refusedAttribute(...refused);
  const parsed = parseSettings({ config: type.schema }, values.config);
  // They are judged by their values, and stored by their names.
  const namesOfSecrets = Object.fromEntries(
    [...secretsOf(type)].flatMap((name) => (isPlaceholder(settings[name]) ? [[name, settings[name]]] : [])),
  );
  // What has no default and is not given is missed by whoever needs it, and not here (docs/adr/0040).
  const config = { ...(parsed.config ?? { ...withoutUnset(defaultsOf(type)), ...settings }), ...namesOfSecrets };
  const [lacking] = type.mayLack === true ? [] : parsed.lacking;
  const [issue] = lacking === undefined ? parsed.issues : [{ path: lacking, message: 'It is not set.' }];
  const asked =
    issue === undefined && before !== undefined
      ? secretAskedAgain({ config: type.schema }, { ...defaultsOf(type), ...before }, config, given)
      : undefined;
  const fault = issue === undefined && asked === undefined ? type.faultAt?.(config, now) : undefined;
  if (issue === undefined && asked === undefined && fault === undefined) return { config: { ...unknown, ...config } };
  const attribute = asked?.secret ?? issue?.path.split('.')[0] ?? fault?.setting.split('.')[0] ?? '';
  const reason = asked?.reason ?? (issue === undefined ? undefined : atPlace(issue)) ?? fault?.reason ?? '';
  return refusedAttribute(attribute, reason);
};
