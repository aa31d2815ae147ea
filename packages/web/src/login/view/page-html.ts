import { headFillings, headMarks } from '../../kit/html/page-head.ts';
import { demandOnce, pageTemplate } from '../../kit/html/page-template.ts';
import type { Language } from '../../kit/language/language.ts';
import { pageDataId } from '../page/page-data.ts';

/** What stands in the built HTML where something of each visit goes. */
const marks = {
  ...headMarks,
  title: '<title>Sign in – Assent</title>',
  screen: '<!--screen-->',
  data: '<!--data-->',
} as const;

/** Where an answer may be held until there is news of the phone. */
const heldAt = '<!--held-->';

/** What differs from visit to visit. */
export interface PageParts {
  readonly language: Language;
  /** As HTML. */
  readonly title: string;
  /** A style sheet of the realm's; empty for our own colours. */
  readonly theme: string;
  /** Allows the style sheets in the page. */
  readonly nonce: string;
  /** The page itself, as HTML. */
  readonly screen: string;
  /** Without any `<`. */
  readonly data: string;
}

/** A page, up to where its answer may be held, and what is left of it. */
export interface FilledPage {
  readonly page: string;
  readonly end: string;
}

/** Reads the built HTML of the login page once; throws where one of the marks is not in it exactly once. */
export const loginTemplate = (built: string): ((parts: PageParts) => FilledPage) => {
  demandOnce(built, [...Object.values(marks), heldAt]);
  const [html = '', end = ''] = built.split(heldAt);
  const fill = pageTemplate(html, marks);
  return (parts) => ({
    page: fill({
      ...headFillings(parts),
      title: `<title>${parts.title}</title>`,
      screen: parts.screen,
      data: `<script type="application/json" id="${pageDataId}">${parts.data}</script>`,
    }),
    end,
  });
};
