import { isJsonObject, type JsonObject } from '../json.ts';
import { boundedList, LANGUAGES, type ListBound, NAMES_WITH_TEXTS, PLAIN_LIST } from './list-bounds.ts';

/** What a value is: a text, a list of them, texts by name, a number, or yes and no. */
export type AttributeKind = 'text' | 'texts' | 'textsByName' | 'number' | 'flag';

/** One attribute of AM's, with what it is where nobody has said anything. */
export interface Attribute {
  readonly kind: AttributeKind;
  /** `null` where it is unset then. */
  readonly initial: unknown;
  /** For lists of texts, and texts by name. */
  readonly bound?: ListBound;
}

/** Attributes by their names, in sections, as AM's documents have them. */
export type Sections = Readonly<Record<string, Readonly<Record<string, Attribute>>>>;

export const text = (initial: string | null = null): Attribute => ({ kind: 'text', initial });
export const texts = (...initial: readonly string[]): Attribute => ({ kind: 'texts', initial, bound: PLAIN_LIST });
/** One text in several languages: `text` or `locale|text`. */
export const translations = (): Attribute => ({ kind: 'texts', initial: [], bound: LANGUAGES });
/** Names with their texts: `name`, `name|text` or `name|locale|text`. */
export const namesWithTexts = (...initial: readonly string[]): Attribute => ({
  kind: 'texts',
  initial,
  bound: NAMES_WITH_TEXTS,
});
export const textsByName = (): Attribute => ({ kind: 'textsByName', initial: {}, bound: PLAIN_LIST });
export const number = (initial: number): Attribute => ({ kind: 'number', initial });
export const flag = (initial: boolean): Attribute => ({ kind: 'flag', initial });

/** A document as it is kept: sections with their attributes, and nothing else. */
export type DocumentSections = Readonly<Record<string, JsonObject>>;

/** Why a body is no such document; `validAttributes` where it has a name that none of its sections has. */
export interface DocumentRefusal {
  readonly reason: string;
  readonly detail?: JsonObject;
}

const refusalOfNames = (sections: Sections): DocumentRefusal => {
  const names = Object.values(sections).flatMap((section) => Object.keys(section));
  return { reason: 'Invalid attribute specified.', detail: { validAttributes: [...new Set(names)].sort() } };
};

/** What AM encrypts with a key that it alone has: of no use to anybody else. */
const isEncrypted = (name: string): boolean => name.endsWith('-encrypted');

/** The first list of a document that is longer than its bound, as a sentence with the fix. */
const refusalOfLists = (sections: Sections, document: DocumentSections): DocumentRefusal | undefined => {
  for (const [section, attributes] of Object.entries(document)) {
    for (const [name, given] of Object.entries(attributes)) {
      const bound = sections[section]?.[name]?.bound;
      const value = bareValue(given);
      const list = isJsonObject(value) ? Object.keys(value) : value;
      if (bound === undefined || !Array.isArray(list)) continue;
      const { problem } = boundedList(
        list.filter((entry) => typeof entry === 'string'),
        bound,
      );
      if (problem === undefined) continue;
      const attribute = `${section}.${name}`;
      return { reason: `${attribute} ${problem}. Remove some of them.`, detail: { attribute } };
    }
  }
  return undefined;
};

/** What a reader of documents takes. */
export interface DocumentReading {
  /** Keeps lists that are longer than their bound, for imports: such a list counts up to its bound. */
  readonly keepsLongLists?: boolean;
}

/**
 * Reads a body. Names are checked, since clients of AM leave out those that a server refuses, and send the rest again;
 * values are kept unchecked (ADR 0040), but lists have a bound. Members of the body that begin with `_` are not looked at.
 */
export const parseSections = (
  sections: Sections,
  body: unknown,
  { keepsLongLists = false }: DocumentReading = {},
): DocumentSections | DocumentRefusal => {
  if (!isJsonObject(body)) return { reason: 'The body must be a JSON object.' };
  const document: Record<string, JsonObject> = {};
  for (const [section, attributes] of Object.entries(body)) {
    if (section.startsWith('_') || attributes === null) continue;
    if (!isJsonObject(attributes)) return refusalOfNames(sections);
    const known = Object.hasOwn(sections, section) ? (sections[section] ?? {}) : {};
    const given = Object.entries(attributes).filter(([name]) => !isEncrypted(name));
    if (given.some(([name]) => !Object.hasOwn(known, name))) return refusalOfNames(sections);
    if (Object.hasOwn(sections, section)) document[section] = Object.fromEntries(given);
  }
  return (keepsLongLists ? undefined : refusalOfLists(sections, document)) ?? document;
};

/** A body without the names that no section has, and those names: for who would rather have the rest than nothing. */
export const withoutUnknown = (
  sections: Sections,
  body: JsonObject,
): { readonly body: JsonObject; readonly unknown: readonly string[] } => {
  const unknown: string[] = [];
  const known = Object.entries(body).flatMap(([section, attributes]): readonly (readonly [string, unknown])[] => {
    if (section.startsWith('_')) return [];
    if (!isJsonObject(attributes) || !Object.hasOwn(sections, section)) {
      if (attributes !== null) unknown.push(section);
      return [];
    }
    const names = sections[section] ?? {};
    const kept = Object.entries(attributes).filter(([name]) => Object.hasOwn(names, name) || isEncrypted(name));
    const left = Object.keys(attributes).filter((name) => !Object.hasOwn(names, name) && !isEncrypted(name));
    unknown.push(...left.map((name) => `${section}.${name}`));
    return [[section, Object.fromEntries(kept)]];
  });
  return { body: Object.fromEntries(known), unknown };
};

export const isDocumentRefusal = (parsed: DocumentSections | DocumentRefusal): parsed is DocumentRefusal =>
  typeof (parsed as DocumentRefusal).reason === 'string';

/** Whether a value stands beside whether it is inherited. */
export const saysInheritance = (given: unknown): given is JsonObject =>
  isJsonObject(given) && Object.hasOwn(given, 'inherited');

/** The value of an attribute as it stands in a document: by itself, or beside whether it is inherited; unset is undefined. */
export const bareValue = (given: unknown): unknown => {
  const value = saysInheritance(given) ? given.value : given;
  return value === null ? undefined : value;
};

const TYPES: Readonly<Record<AttributeKind, JsonObject>> = {
  text: { type: 'string' },
  texts: { type: 'array', items: { type: 'string' } },
  textsByName: { type: 'object', patternProperties: { '.*': { type: 'string' } } },
  number: { type: 'integer' },
  flag: { type: 'boolean' },
};

/** What `_action=schema` answers, with the order in which sections and attributes are shown. */
export const formatSectionsSchema = (sections: Sections): JsonObject => ({
  type: 'object',
  properties: Object.fromEntries(
    Object.entries(sections).map(([section, attributes], at) => [
      section,
      {
        type: 'object',
        title: section,
        propertyOrder: at,
        properties: Object.fromEntries(
          Object.entries(attributes).map(([name, { kind }], order) => [
            name,
            { title: name, propertyOrder: (order + 1) * 100, ...TYPES[kind] },
          ]),
        ),
      },
    ]),
  ),
});
