import type { Language } from '../../kit/language/language.ts';
import type { RealmPage } from '../address/realm-page.ts';
import type { RenderedState } from '../journey/page-state.ts';
import type { Catalogue } from '../texts/texts.en.ts';

/** What the HTML brings for the script, so that it can go on without asking: in a data block, which no policy refuses. */
export interface PageData {
  readonly language: Language;
  readonly texts: Catalogue;
  readonly realm: RealmPage;
  /** Absent where the server has rendered no step: the script then asks for it. */
  readonly rendered?: RenderedState;
  /** It answers a form, which was sent before the script could. */
  readonly isAnswer?: boolean;
}

/** Id of the element. */
export const pageDataId = 'page-data';

/** As the content of a `script` element, which no text in it can end. */
export const writePageData = (data: PageData): string => JSON.stringify(data).replaceAll('<', '\\u003c');

export const readPageData = (text: string): PageData => JSON.parse(text) as PageData;
