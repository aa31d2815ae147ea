import { fillText } from '../../kit/language/fill-text.ts';
import type { OAuthCatalogue, OAuthTextId } from './texts.en.ts';

/** Says a text of ours in the language of one page. */
export type Say = (id: OAuthTextId, values?: Readonly<Record<string, string>>) => string;

export const sayIn =
  (catalogue: OAuthCatalogue): Say =>
  (id, values) =>
    fillText(catalogue[id], values);
