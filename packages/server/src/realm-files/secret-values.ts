import type { NodeDefinition } from '@assent/engine';
import { secretSettings, settingsWithSecret } from '@assent/engine/host';
import { isJsonObject, type JsonObject, PROVIDER_TYPE } from '@assent/wire';
import { isPlaceholder } from '../routes/configuration/service-in-force.ts';
import { SERVICE_TYPES } from '../routes/configuration/service-types.ts';
import { headersWithoutValues } from '../routes/configuration/webhook-headers.ts';

type Path = readonly string[];
type Catalogue = ReadonlyMap<string, NodeDefinition>;

/** A value that leaves a server only sealed. */
export interface SecretValue {
  /** Where it stands in the file, as a JSON pointer (RFC 6901). */
  readonly pointer: string;
  readonly value: unknown;
  /** What says to whom it is told: where one of these is another, it is not kept (SEC-72). */
  readonly goesWith: readonly string[];
}

export const pointerOf = (path: Path): string =>
  path.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

export const pathOf = (pointer: string): Path =>
  pointer
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));

export const valueAt = (body: unknown, [first, ...rest]: Path): unknown => {
  if (first === undefined) return body;
  return isJsonObject(body) && Object.hasOwn(body, first) ? valueAt(body[first], rest) : undefined;
};

/** The body with that value at the place, or without the member where it is undefined; as it is, where the place is in nothing. */
export const withValueAt = (body: JsonObject, [first = '', ...rest]: Path, value: unknown): JsonObject => {
  const entries = Object.entries(body).filter(([name]) => name !== first);
  if (rest.length === 0) return Object.fromEntries(value === undefined ? entries : [...entries, [first, value]]);
  const inside = Object.hasOwn(body, first) ? body[first] : undefined;
  return isJsonObject(inside) ? Object.fromEntries([...entries, [first, withValueAt(inside, rest, value)]]) : body;
};

const membersOf = (body: JsonObject, path: Path): readonly (readonly [path: Path, object: JsonObject])[] => {
  const object = valueAt(body, path);
  return Object.entries(isJsonObject(object) ? object : {}).flatMap(([name, it]) =>
    isJsonObject(it) ? [[[...path, name], it] as const] : [],
  );
};

/** Settings of which this server does not know which are secret: any may be. */
const allOf = (path: Path, object: JsonObject): readonly SecretValue[] =>
  Object.entries(object)
    .filter(([name]) => !name.startsWith('_'))
    .map(([name, value]) => ({ pointer: pointerOf([...path, name]), value, goesWith: [] }));

const bySettings = (path: Path, object: JsonObject, schema: Pick<NodeDefinition, 'config'>): readonly SecretValue[] =>
  [...secretSettings(schema)].flatMap((name) => {
    const value = object[name];
    // What stands elsewhere is named here, and is no secret.
    if (value === undefined || value === null || value === '' || isPlaceholder(value)) return [];
    const goesWith = settingsWithSecret(schema, name).map((other) => pointerOf([...path, other]));
    return [{ pointer: pointerOf([...path, name]), value, goesWith }];
  });

const ofServices = (body: JsonObject): readonly SecretValue[] =>
  membersOf(body, ['service']).flatMap(([path, service]) => {
    const type = path.at(-1);
    const known = SERVICE_TYPES.find(({ id }) => id === type);
    if (known !== undefined) return bySettings(path, service, { config: known.schema });
    return type === PROVIDER_TYPE._id ? [] : allOf(path, service);
  });

const ofWebhooks = (body: JsonObject): readonly SecretValue[] =>
  membersOf(body, ['webhook']).flatMap(([path, { headers }]) =>
    Object.entries(headersWithoutValues((headers ?? {}) as Readonly<Record<string, string>>)).flatMap(
      ([name, shown]) =>
        shown === null
          ? [
              {
                pointer: pointerOf([...path, 'headers', name]),
                value: (headers as JsonObject)[name],
                goesWith: [pointerOf([...path, 'url'])],
              },
            ]
          : [],
    ),
  );

const ofNodes = (body: JsonObject, catalogue: Catalogue): readonly SecretValue[] => {
  const trees = membersOf(body, ['trees']).flatMap(([path]) => [
    [...path, 'nodes'],
    [...path, 'innerNodes'],
  ]);
  return [...trees, ['nodes']]
    .flatMap((path) => membersOf(body, path))
    .flatMap(([path, node]) => {
      const type = isJsonObject(node._type) ? node._type._id : undefined;
      const definition = catalogue.get(String(type));
      return definition === undefined ? allOf(path, node) : bySettings(path, node, definition);
    });
};

/** A set of keys with a private or a shared one in it. */
const hasOwnKeys = (text: string): boolean => /"(?:k|d)"\s*:/.test(text);

/** Keys that a client shares with the server stand among those that everybody may see. */
const ofClients = (body: JsonObject): readonly SecretValue[] =>
  membersOf(body, ['application']).flatMap(([path, client]) =>
    Object.entries(client).flatMap(([section, attributes]) => {
      const value = isJsonObject(attributes) ? attributes.jwkSet : undefined;
      if (value === undefined || !hasOwnKeys(typeof value === 'string' ? value : textWithin(value))) return [];
      return [{ pointer: pointerOf([...path, section, 'jwkSet']), value, goesWith: [] }];
    }),
  );

const textWithin = (value: unknown): string =>
  isJsonObject(value) && typeof value.value === 'string' ? value.value : JSON.stringify(value);

/** All values of a realm's file that leave a server only sealed, by their places. */
export const secretValuesOf = (body: JsonObject, catalogue: Catalogue): readonly SecretValue[] =>
  [...ofServices(body), ...ofWebhooks(body), ...ofNodes(body, catalogue), ...ofClients(body)].sort((a, b) =>
    a.pointer < b.pointer ? -1 : 1,
  );
