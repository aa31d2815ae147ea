import { canonicalLocale, INVALID_LOCALE, localized, selectText, textFiller } from '@assent/engine';
import { z } from 'zod';
import { htmlText } from '../escaping/script-text.ts';

/** Under what a realm keeps a template: the name that exports of identity management have, too. */
export const emailTemplateKey = (name: string): string => `emailTemplate/${name}`;

/** Other helpers of Handlebars are not spoken; a template with one says so when it is stored, not to its readers. */
const EXPRESSION = /\{\{\{?([^{}]*)\}?\}\}/g;
const PLACE = /^\s*object((?:\.[\w-]+)+)\s*$/;

const hasOnlyPlaces = (text: string): boolean =>
  [...text.matchAll(EXPRESSION)].every(([, inside = '']) => PLACE.test(inside));

const texts = () =>
  localized().refine(
    (given) => Object.values(given).every(hasOnlyPlaces),
    'Only {{object.name}} is understood between braces, such as {{object.userName}} or {{object.resumeURI}}.',
  );

/**
 * A template as AM's identity management has it, and exports of it bring it. Members that say nothing about a mail are kept.
 */
export const emailTemplate = z.looseObject({
  enabled: z.boolean().default(true),
  /** The sender; empty for that of the realm's mail service. */
  from: z.string().default(''),
  subject: texts(),
  message: texts(),
  defaultLocale: z
    .string()
    .refine((tag) => canonicalLocale(tag) !== undefined, INVALID_LOCALE)
    .default('en'),
  mimeType: z.enum(['text/html', 'text/plain']).default('text/html'),
});
export type EmailTemplate = z.output<typeof emailTemplate>;

const memberOf = (object: Readonly<Record<string, unknown>>, path: readonly string[]): string => {
  let value: unknown = object;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return '';
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

/** Fills a text in. Braces in a value are just text; with `asHtml` no value can bring markup, however many braces there are. */
const filled = (
  fill: ReturnType<typeof textFiller>,
  text: string,
  object: Readonly<Record<string, unknown>>,
  asHtml: boolean,
): string =>
  fill(text, EXPRESSION, ([, inside = '']) => {
    const path = PLACE.exec(inside)?.[1]?.split('.').slice(1) ?? [];
    const value = memberOf(object, path);
    return asHtml ? htmlText(value) : value;
  });

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", nbsp: ' ' };

/** Which members of its object a template names: nothing else of a user needs to be kept until it is sent. */
export const membersIn = ({ subject, message }: EmailTemplate): ReadonlySet<string> =>
  new Set(
    [...Object.values(subject), ...Object.values(message)].flatMap((text) =>
      [...text.matchAll(EXPRESSION)].flatMap(([, inside = '']) => PLACE.exec(inside)?.[1]?.split('.')[1] ?? []),
    ),
  );

/** A tag with what is in it, a text, or a sign that begins no tag. */
const HTML_PIECE = /<([^<>]*)>|[^<]+|</g;
const TAG = /^(\/?[a-z][a-z0-9]*)/i;
const LINK = /\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')/i;
const UNREAD: ReadonlySet<string> = new Set(['style', 'script', 'head', 'title']);
const NEW_LINE = /^(br|\/(p|div|h[1-6]|li|tr))$/;

/** The words of a page with the address behind each link, in one pass. */
const wordsOf = (html: string): string => {
  let words = '';
  let unread: string | undefined;
  let link: string | undefined;
  for (const [piece, inside] of html.matchAll(HTML_PIECE)) {
    const tag = inside === undefined ? undefined : (TAG.exec(inside)?.[1] ?? '').toLowerCase();
    if (unread !== undefined) {
      if (tag === `/${unread}`) unread = undefined;
    } else if (tag === undefined) words += piece;
    else if (UNREAD.has(tag)) unread = tag;
    else if (tag === 'a') {
      const [, double, single] = LINK.exec(inside ?? '') ?? [];
      link = double ?? single;
    } else if (tag === '/a') {
      if (link !== undefined) words += ` ${link}`;
      link = undefined;
    } else if (NEW_LINE.test(tag)) words += '\n';
  }
  return words;
};

/** For readers who see no HTML: the words, with the address behind each link. */
export const plainTextOf = (html: string): string =>
  wordsOf(html)
    .replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (whole, name: string) => ENTITIES[name] ?? whole)
    .replace(/[ \t]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();

/** What a template says to a reader; throws `TextTooLong`. Undefined where it is switched off, or has nothing to say in any language. */
export const renderTemplate = (
  template: EmailTemplate,
  object: Readonly<Record<string, unknown>>,
  locales: readonly string[],
): { readonly subject: string; readonly text: string; readonly html?: string } | undefined => {
  const chosen = (of: Readonly<Record<string, string>>) =>
    selectText(of, locales, 'realm-then-first', [template.defaultLocale]);
  const [subject, message] = [chosen(template.subject), chosen(template.message)];
  if (!template.enabled || subject === undefined || message === undefined) return undefined;
  const isHtml = template.mimeType === 'text/html';
  const fill = textFiller();
  const body = filled(fill, message, object, isHtml);
  return {
    subject: filled(fill, subject, object, false),
    text: isHtml ? plainTextOf(body) : body,
    ...(isHtml && { html: body }),
  };
};
