/** The languages of the texts that the server itself shows. */
export const PAGE_LANGUAGES = ['en', 'de', 'fr', 'es', 'ja', 'ar'] as const;
export type PageLanguage = (typeof PAGE_LANGUAGES)[number];

/** The first of these locales that there are texts for. */
export const pageLanguageOf = (locales: readonly string[]): PageLanguage =>
  locales.flatMap((tag) => PAGE_LANGUAGES.find((it) => it === tag.slice(0, 2)) ?? [])[0] ?? 'en';
