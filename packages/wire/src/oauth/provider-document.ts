import { isJsonObject, type JsonObject } from '../json.ts';
import { type DocumentRefusal, type DocumentSections, formatSectionsSchema, parseSections } from './attributes.ts';
import { PROVIDER_SECTIONS } from './provider-attributes.ts';

/** The service of a realm that says what its provider does. */
export const PROVIDER_TYPE = { _id: 'oauth-oidc', name: 'OAuth2 Provider', collection: false } as const;

/** Reads the body of a PUT (spec: oidc §3.1, §3.3), or says why it cannot be taken. */
export const parseProvider = (body: unknown): DocumentSections | DocumentRefusal =>
  parseSections(PROVIDER_SECTIONS, body);

/** What a realm has that has said nothing of its provider: what `_action=template` answers. */
export const providerTemplate = (): DocumentSections =>
  Object.fromEntries(
    Object.entries(PROVIDER_SECTIONS).map(([section, attributes]) => [
      section,
      Object.fromEntries(Object.entries(attributes).map(([name, { initial }]) => [name, initial])),
    ]),
  );

/** The settings as they are read: what was written as it was written, and for the rest what it is. */
export const formatProvider = (document: JsonObject, rev: string, id: string): JsonObject => ({
  _id: id,
  _rev: rev,
  ...Object.fromEntries(
    Object.entries(providerTemplate()).map(([section, attributes]) => {
      const written = document[section];
      return [section, { ...attributes, ...(isJsonObject(written) && written) }];
    }),
  ),
  _type: PROVIDER_TYPE,
});

export const formatProviderSchema = (): JsonObject => formatSectionsSchema(PROVIDER_SECTIONS);
