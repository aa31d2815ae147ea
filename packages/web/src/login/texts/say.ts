import { fillText } from '../../kit/language/fill-text.ts';
import type { Language } from '../../kit/language/language.ts';
import type { Catalogue, TextId } from './texts.en.ts';

// The one place that knows the page's language. Nothing is rendered before `speak`, so an empty text is never seen. On the
// server each page is rendered in one go after its own `speak`.
let catalogue: Partial<Catalogue> = {};
let spoken: Language = 'en';

/** Sets the language of the page. */
export const speak = (language: Language, next: Catalogue): void => {
  spoken = language;
  catalogue = next;
};

/** The language of the page. */
export const language = (): Language => spoken;

/** A text of ours in the page's language. */
export const say = (id: TextId, values?: Readonly<Record<string, string | number>>): string =>
  fillText(catalogue[id] ?? '', values);
