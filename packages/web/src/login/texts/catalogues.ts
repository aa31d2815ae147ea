import type { Language } from '../../kit/language/language.ts';
import type { Catalogue } from './texts.en.ts';

/** One chunk per language: nobody loads what another reads. */
const catalogues: Readonly<Record<Language, () => Promise<Catalogue>>> = {
  en: () => import('./texts.en.ts').then(({ textsEn }) => textsEn),
  de: () => import('./texts.de.ts').then(({ textsDe }) => textsDe),
  fr: () => import('./texts.fr.ts').then(({ textsFr }) => textsFr),
  es: () => import('./texts.es.ts').then(({ textsEs }) => textsEs),
  ja: () => import('./texts.ja.ts').then(({ textsJa }) => textsJa),
  ar: () => import('./texts.ar.ts').then(({ textsAr }) => textsAr),
};

/** Loads the texts of the login page in one language. */
export const loadCatalogue = (language: Language): Promise<Catalogue> => catalogues[language]();
