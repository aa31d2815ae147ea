import { isJsonObject, type JsonObject } from '../json.ts';
import {
  type Attribute,
  bareValue,
  type DocumentReading,
  type DocumentRefusal,
  type DocumentSections,
  formatSectionsSchema,
  isDocumentRefusal,
  parseSections,
  saysInheritance,
} from './attributes.ts';
import { CLIENT_SECRET, CLIENT_SECTIONS, OVERRIDES } from './client-attributes.ts';

/** What a body says of a client, and the secret that it brings along. */
export interface ClientInput {
  readonly document: DocumentSections;
  readonly secret?: string;
}

/** RFC 6749 appendix A.1: printable letters of ASCII; none that is only a path, and none with blanks around it. */
const CLIENT_ID = /^(?!\.{1,2}$)[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;

export const isClientId = (id: string): boolean => CLIENT_ID.test(id);

/** Reads the body of a PUT (spec: oidc §3.1, §3.2), or says why it cannot be taken. */
export const parseClient = (body: unknown, reading?: DocumentReading): ClientInput | DocumentRefusal => {
  const parsed = parseSections(CLIENT_SECTIONS, body, reading);
  if (isDocumentRefusal(parsed)) return parsed;
  const { [CLIENT_SECRET.section]: core = {}, ...others } = parsed;
  const { [CLIENT_SECRET.name]: given, ...rest } = core;
  const secret = bareValue(given);
  if (secret !== undefined && (typeof secret !== 'string' || secret.length > 1_024)) {
    return { reason: `${CLIENT_SECRET.name} must be a text of 1,024 characters at most.` };
  }
  const document = {
    ...(Object.hasOwn(parsed, CLIENT_SECRET.section) && { [CLIENT_SECRET.section]: rest }),
    ...others,
  };
  return { document, ...(secret !== undefined && secret !== '' && { secret }) };
};

/** How AM says that an attribute is what it is by itself. */
export const ownValue = (value: unknown): JsonObject =>
  value === null ? { inherited: false } : { inherited: false, value };

const isBareSection = (section: string): boolean => section === OVERRIDES;
const isBareAttribute = (name: string): boolean => name === CLIENT_SECRET.name || name === 'agentgroup';

const initial = (section: string, name: string, attribute: Attribute): unknown =>
  isBareSection(section) || isBareAttribute(name) ? attribute.initial : ownValue(attribute.initial);

/** A client as one begins, of which everything can be changed: what `_action=template` answers. */
export const clientTemplate = (): DocumentSections =>
  Object.fromEntries(
    Object.entries(CLIENT_SECTIONS).map(([section, attributes]) => [
      section,
      Object.fromEntries(
        Object.entries(attributes).map(([name, attribute]) => [name, initial(section, name, attribute)]),
      ),
    ]),
  );

/** The type of a client among the agents of a realm. */
export const CLIENT_TYPE = { _id: 'OAuth2Client', name: 'OAuth2 Clients', collection: true } as const;

/** How an attribute is said, by its section and its name. */
type Saying = (section: string, name: string, value: unknown) => unknown;

const formatted = (id: string, document: JsonObject, rev: string, saying: Saying): JsonObject => ({
  _id: id,
  _rev: rev,
  ...Object.fromEntries(
    Object.entries(clientTemplate()).map(([section, attributes]) => {
      const written = document[section];
      const all = { ...attributes, ...(isJsonObject(written) && written) };
      return [section, Object.fromEntries(Object.entries(all).map(([name, it]) => [name, saying(section, name, it)]))];
    }),
  ),
  _type: CLIENT_TYPE,
});

const withInheritance: Saying = (section, name, value) =>
  isBareSection(section) || isBareAttribute(name) || saysInheritance(value) ? value : ownValue(value);

/** A client as it is read by its id: what was written, and for the rest what it is. */
export const formatClient = (id: string, document: JsonObject, rev: string): JsonObject =>
  formatted(id, document, rev, withInheritance);

/** A client in a list, where AM says values by themselves; whoever exports all clients of a realm gets these. */
export const formatListedClient = (id: string, document: JsonObject, rev: string): JsonObject =>
  formatted(id, document, rev, (_section, _name, value) => bareValue(value) ?? null);

export const formatClientSchema = (): JsonObject => formatSectionsSchema(CLIENT_SECTIONS);
