import { directionOf, type Language } from '../language/language.ts';

/** What stands in the head of every built page that the server fills in, where something of each visit goes. */
export const headMarks = {
  language: '<html lang="en" dir="ltr">',
  theme: '<!--theme-->',
  sheet: '<style nonce="">',
} as const;

/** What takes the place of those marks. */
export const headFillings = ({
  language,
  theme,
  nonce,
}: {
  readonly language: Language;
  /** A style sheet of the realm's; empty for our own colours. */
  readonly theme: string;
  /** Allows the style sheets in the page. */
  readonly nonce: string;
}): Readonly<Record<keyof typeof headMarks, string>> => ({
  language: `<html lang="${language}" dir="${directionOf(language)}">`,
  theme: theme === '' ? '' : `<style nonce="${nonce}">${theme}</style>`,
  sheet: `<style nonce="${nonce}">`,
});

/** The words of the heading of a rendered screen, still as HTML: what a title is made of. */
export const headingOf = (screen: string): string =>
  (screen.split(/<h1(?=[\s>])[^<>]*>/, 2)[1]?.split('</h1>', 1)[0] ?? '').replace(/<[^<>]*>/g, '');

/** A text as it stands in HTML between tags. */
export const escapedText = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
