/** The languages that our pages speak, each by its own name, in the order of the chooser. @see ux.md §2.10 */
export const languages = {
  en: 'English',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
  ja: '日本語',
  ar: 'العربية',
} as const;

/** A language of our pages. */
export type Language = keyof typeof languages;

/** Whether a text names one of our languages. */
export const isLanguage = (tag: string): tag is Language => Object.hasOwn(languages, tag);

/**
 * How days and times are written in a language: as in the region of the browser that speaks it, since English alone is American
 * English. Digits are ASCII in every language (ux.md §2.5).
 */
export const timeLocaleOf = (language: Language, browser: readonly string[]): string => {
  const regional = browser
    .map((tag) => languageAndRegion.exec(tag)?.[0])
    .find((tag) => tag?.slice(0, 2).toLowerCase() === language);
  return `${regional ?? language}-u-nu-latn`;
};

/** Of a tag no more than that; the region of one in another form (`en-US@posix`) is not known. */
const languageAndRegion = /^[a-z]{2}(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?(?=-|$)/i;

/** Where a language's lines begin. */
export const directionOf = (language: Language): 'ltr' | 'rtl' => (language === 'ar' ? 'rtl' : 'ltr');

/**
 * The language of a page: what its address asks for, else what was chosen here before, else what the browser prefers, else
 * what the realm speaks.
 */
export const chooseLanguage = ({
  parameter,
  cookie,
  browser,
  realm,
}: {
  readonly parameter: string | undefined;
  readonly cookie: Language | undefined;
  readonly browser: readonly string[];
  /** Known to the server alone. */
  readonly realm?: string | undefined;
}): Language =>
  best(parameter === undefined ? [] : [parameter]) ??
  cookie ??
  best(browser) ??
  best(realm === undefined ? [] : [realm]) ??
  'en';

/**
 * The first of ours that a list of tags leads to. A tag is cut from its end, but a shorter tag that the list names later is
 * left to its own turn: the rule by which the server picks its texts, so that a page does not mix languages without need.
 */
const best = (preferred: readonly string[]): Language | undefined => {
  const tags = preferred.map((tag) => tag.replaceAll('_', '-').toLowerCase());
  for (const tag of tags) {
    const parts = tag.split('-');
    for (let length = parts.length; length > 0; length -= 1) {
      const shorter = parts.slice(0, length).join('-');
      if (length < parts.length && tags.includes(shorter)) break;
      if (isLanguage(shorter)) return shorter;
    }
  }
  return undefined;
};

const cookieName = 'assent-locale';

/** The language that was chosen in this browser, out of `document.cookie`. */
export const languageOfCookies = (cookies: string): Language | undefined => {
  const value = cookies
    .split(';')
    .map((it) => it.trim())
    .find((it) => it.startsWith(`${cookieName}=`))
    ?.slice(cookieName.length + 1);
  return value !== undefined && isLanguage(value) ? value : undefined;
};

/** The cookie that remembers a choice for a year, for the pages below `context` alone. */
export const cookieOfLanguage = (language: Language, context: string): string => {
  const { pathname, protocol } = new URL(context);
  const path = pathname.replace(/\/$/, '') || '/';
  return `${cookieName}=${language}; Path=${path}; Max-Age=31536000; SameSite=Lax${protocol === 'https:' ? '; Secure' : ''}`;
};
