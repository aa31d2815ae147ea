import { z } from 'zod';
import { NodeFailure } from './errors.ts';

/** Texts by BCP 47 tag. */
export type Localized = Readonly<Record<string, string>>;

export const INVALID_LOCALE = 'Invalid locale provided';

/** `en_gb` and `EN-GB` become `en-GB`; undefined for a tag that is malformed or that the runtime does not know. */
export const canonicalLocale = (tag: string): string | undefined => {
  try {
    const [canonical] = Intl.getCanonicalLocales(tag.replaceAll('_', '-'));
    return canonical !== undefined && Intl.DateTimeFormat.supportedLocalesOf(canonical).length === 1
      ? canonical
      : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Config schema of a map from locale to text; a tag that does not exist is refused at its own path. With `tags: 'any'` it is
 * kept, and chosen for nobody's language: for a node that AM never checks, so that what exports have comes in.
 */
export const localized = ({ tags = 'known' }: { readonly tags?: 'known' | 'any' } = {}) =>
  z
    .record(z.string(), z.string())
    .superRefine((texts, context) => {
      if (tags === 'any') return;
      for (const tag of Object.keys(texts)) {
        if (canonicalLocale(tag) === undefined) {
          context.addIssue({ code: 'custom', message: INVALID_LOCALE, path: [tag] });
        }
      }
    })
    .overwrite((texts) =>
      Object.fromEntries(Object.entries(texts).map(([tag, text]) => [canonicalLocale(tag) ?? tag, text])),
    )
    .default({});

/** What happens when no entry of a message map matches (spec: nodes-mfa §2.3). */
export type FallbackStyle = 'realm-then-first' | 'first' | 'bundled';

/**
 * The best entry for a reader: exact tag, then without variant, then language alone, in the reader's order; a shorter
 * tag is left to its own turn when the reader lists it later.
 */
export const selectLocale = (candidates: readonly string[], preferred: readonly string[]): string | undefined => {
  const offered = new Map(candidates.map((tag) => [tag.toLowerCase(), tag]));
  const wanted = new Set(preferred.map((tag) => tag.toLowerCase()));
  for (const tag of preferred) {
    const parts = tag.split('-');
    for (let length = parts.length; length > 0; length -= 1) {
      const shorter = parts.slice(0, length).join('-').toLowerCase();
      if (length < parts.length && wanted.has(shorter)) break;
      const found = offered.get(shorter);
      if (found !== undefined) return found;
    }
  }
  return undefined;
};

/** Chooses from a message map, or undefined when the bundled text must serve. */
export const selectText = (
  texts: Localized,
  preferred: readonly string[],
  style: FallbackStyle,
  realmLocales: readonly string[],
): string | undefined => {
  const tags = Object.keys(texts);
  if (tags.length === 0) return undefined;
  const tag =
    selectLocale(tags, preferred) ??
    (style === 'realm-then-first' ? selectLocale(tags, realmLocales) : undefined) ??
    (style === 'bundled' ? undefined : tags[0]);
  return tag === undefined ? undefined : texts[tag];
};

/** How many characters texts may have that belong together, with the values in their places: a place may be named often, and a value be long. */
const MAX_FILLED = 262_144;

/** With its values a text is longer than it may be. In a node it is a failure of that node. */
export class TextTooLong extends NodeFailure {
  constructor(most: number) {
    super(`With the values in their places the text has more than ${most} characters.`);
  }
}

/** Puts values into the places of a template: `place` is global, and `valueAt` gets each match. A value is not read for places. */
type TextFiller = (template: string, place: RegExp, valueAt: (match: RegExpExecArray) => string) => string;

/**
 * Fills texts that belong together, such as subject and message of a mail. It counts before it builds, so that no author of a text can make the
 * server build gigabytes (SEC-94).
 *
 * @throws TextTooLong
 */
export const textFiller = (most = MAX_FILLED): TextFiller => {
  let size = 0;
  return (template, place, valueAt) => {
    const parts: string[] = [];
    const add = (part: string): void => {
      size += part.length;
      if (size > most) throw new TextTooLong(most);
      parts.push(part);
    };
    let at = 0;
    for (const match of template.matchAll(place)) {
      add(template.slice(at, match.index));
      add(valueAt(match));
      at = match.index + match[0].length;
    }
    add(template.slice(at));
    return parts.join('');
  };
};

const MARK = /\{\{([^{}]+)\}\}/g;

/**
 * Puts values into `{{name}}` wherever it stands; literal, so that `$`, a backslash or `{{name}}` in a value is just text.
 *
 * @throws TextTooLong
 */
export const fillIn = (template: string, values: Readonly<Record<string, string>>): string =>
  template.includes('{{')
    ? textFiller()(template, MARK, ([mark, name = '']) => (Object.hasOwn(values, name) ? (values[name] ?? '') : mark))
    : template;
