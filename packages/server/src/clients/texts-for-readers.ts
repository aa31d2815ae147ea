import { type RealmSettings, selectText } from '@assent/engine';
import type { LocalizedText, OAuthClient, ScopeText } from '@assent/oidc';
import { cleanText, cutText } from '@assent/push/protocol';

/** Who reads what applications say: the languages, best first, and the realm whose language is the next best. */
export interface Reader {
  readonly languages: readonly string[];
  readonly realm: Pick<RealmSettings, 'locale'>;
}

/** The longest texts of others that people are shown, in UTF-16 units: what is ours beside them stays in sight. */
export const MAX_NAME = 80;
export const MAX_TEXT = 300;

/** Something that is seen: a name of blanks and of characters without any width would be none. */
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** A text of somebody else in one line that can be told from ours: nothing in it turns, breaks or hides what is around it. */
export const oneLine = (text: string, most: number): string => {
  const clean = cleanText(text);
  return clean.length <= most ? clean : `${cutText(clean, most).trimEnd()}…`;
};

/** The translation that a reader reads, else the text for everybody (`''`), else the realm's, else any. */
const textFor = (texts: LocalizedText, { languages, realm }: Reader): string | undefined => {
  const { '': usual, ...translated } = texts;
  return (
    selectText(translated, languages, 'bundled', []) ??
    usual ??
    selectText(translated, languages, 'realm-then-first', [realm.locale])
  );
};

/** A text of an application as its reader sees it; undefined where there is none to be seen. */
export const shownText = (texts: LocalizedText, reader: Reader, most: number): string | undefined => {
  const text = textFor(texts, reader);
  const clean = text === undefined ? '' : oneLine(text, most);
  return VISIBLE.test(clean) ? clean : undefined;
};

/** The name that an application gives itself. */
export const shownName = ({ name }: Pick<OAuthClient, 'name'>, reader: Reader): string | undefined =>
  shownText(name, reader, MAX_NAME);

/** What people know an application by: its name, else its id. */
export const nameOrId = ({ id, name }: Pick<OAuthClient, 'id' | 'name'>, reader: Reader): string =>
  shownName({ name }, reader) ?? oneLine(id, MAX_NAME);

/** A scope with what its application says of it. */
export const shownScope = (
  { name, text }: ScopeText,
  reader: Reader,
): { readonly name: string; readonly text?: string } => {
  const own = text && shownText(text, reader, MAX_TEXT);
  return { name: oneLine(name, MAX_NAME), ...(own !== undefined && { text: own }) };
};
