import { directionOf, type Language } from '../../kit/language/language.ts';
import { pageDataId } from '../page/page-data.ts';

/** What stands in the built HTML where something of each visit goes. */
const marks = {
  language: '<html lang="en" dir="ltr">',
  title: '<title>Sign in – Assent</title>',
  theme: '<!--theme-->',
  sheet: '<style nonce="">',
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

/** Reads the built HTML once; throws where one of the marks is not in it exactly once. */
export const pageTemplate = (built: string): ((parts: PageParts) => FilledPage) => {
  for (const mark of [...Object.values(marks), heldAt]) {
    const times = built.split(mark).length - 1;
    if (times !== 1) throw new RangeError(`The built login page has ${mark} ${times} times; it needs it once.`);
  }
  const [html = '', end = ''] = built.split(heldAt);
  const places = Object.entries(marks)
    .map(([name, mark]) => {
      return { name: name as keyof typeof marks, at: html.indexOf(mark), length: mark.length };
    })
    .sort((one, other) => one.at - other.at);
  return (parts) => {
    const filled = fillings(parts);
    let page = '';
    let from = 0;
    for (const { name, at, length } of places) {
      page += html.slice(from, at) + filled[name];
      from = at + length;
    }
    return { page: page + html.slice(from), end };
  };
};

const fillings = ({ language, title, theme, nonce, screen, data }: PageParts): Record<keyof typeof marks, string> => ({
  language: `<html lang="${language}" dir="${directionOf(language)}">`,
  title: `<title>${title}</title>`,
  theme: theme === '' ? '' : `<style nonce="${nonce}">${theme}</style>`,
  sheet: `<style nonce="${nonce}">`,
  screen,
  data: `<script type="application/json" id="${pageDataId}">${data}</script>`,
});
