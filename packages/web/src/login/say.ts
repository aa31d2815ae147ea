import { fillText } from '../kit/fill-text.ts';
import type { Catalogue, TextId } from './texts.en.ts';

// The one place that knows the page's language. Nothing is drawn before `speak`, so an empty text is never seen.
let catalogue: Partial<Catalogue> = {};

/** Sets the language of the page. */
export const speak = (next: Catalogue): void => {
  catalogue = next;
};

/** A text of ours in the page's language. */
export const say = (id: TextId, values?: Readonly<Record<string, string | number>>): string =>
  fillText(catalogue[id] ?? '', values);
