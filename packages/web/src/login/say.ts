import { fillText } from '../kit/fill-text.ts';
import { type Catalogue, type TextId, textsEn } from './texts.en.ts';

// The one place where the page's language is chosen; the server will send only that catalogue (ux.md §2.10).
const catalogue: Catalogue = textsEn;

/** A text of ours in the page's language. */
export const say = (id: TextId, values?: Readonly<Record<string, string | number>>): string =>
  fillText(catalogue[id], values);
