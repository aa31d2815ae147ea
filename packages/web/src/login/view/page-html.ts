import { directionOf, type Language } from '../../kit/language.ts';
import { pageDataId } from '../page-data.ts';

/** What stands in the built HTML where something of each visit goes. */
const marks = {
  language: '<html lang="en" dir="ltr">',
  title: '<title>Sign in – Assent</title>',
  theme: '<!--theme-->',
  screen: '<!--screen-->',
  data: '<!--data-->',
} as const;

/** What differs from visit to visit. */
export interface PageParts {
  readonly language: Language;
  /** As HTML. */
  readonly title: string;
  /** A style sheet; empty for our own colours. */
  readonly theme: string;
  /** Allows that style sheet. */
  readonly nonce: string;
  /** The page itself, as HTML. */
  readonly screen: string;
  /** Without any `<`. */
  readonly data: string;
}

/** Reads the built HTML once; throws where one of the marks is not in it exactly once. */
export const pageTemplate = (html: string): ((parts: PageParts) => string) => {
  const places = Object.entries(marks)
    .map(([name, mark]) => {
      const pieces = html.split(mark).length;
      if (pieces !== 2) throw new RangeError(`The built login page has ${mark} ${pieces - 1} times; it needs it once.`);
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
    return page + html.slice(from);
  };
};

const fillings = ({ language, title, theme, nonce, screen, data }: PageParts): Record<keyof typeof marks, string> => ({
  language: `<html lang="${language}" dir="${directionOf(language)}">`,
  title: `<title>${title}</title>`,
  theme: theme === '' ? '' : `<style nonce="${nonce}">${theme}</style>`,
  screen,
  data: `<script type="application/json" id="${pageDataId}">${data}</script>`,
});
