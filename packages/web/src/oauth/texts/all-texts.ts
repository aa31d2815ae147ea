import type { Language } from '../../kit/language/language.ts';
import { oauthTextsAr } from './texts.ar.ts';
import { oauthTextsDe } from './texts.de.ts';
import { type OAuthCatalogue, oauthTextsEn } from './texts.en.ts';
import { oauthTextsEs } from './texts.es.ts';
import { oauthTextsFr } from './texts.fr.ts';
import { oauthTextsJa } from './texts.ja.ts';

/** Every language at once: a server speaks them all. */
export const allOAuthTexts: Readonly<Record<Language, OAuthCatalogue>> = {
  en: oauthTextsEn,
  de: oauthTextsDe,
  fr: oauthTextsFr,
  es: oauthTextsEs,
  ja: oauthTextsJa,
  ar: oauthTextsAr,
};
