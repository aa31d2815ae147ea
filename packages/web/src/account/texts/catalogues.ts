import type { Language } from '../../kit/language/language.ts';
import type { AccountCatalogue } from './texts.en.ts';

/** One chunk per language: nobody loads what another reads. */
const catalogues: Readonly<Record<Language, () => Promise<AccountCatalogue>>> = {
  en: () => import('./texts.en.ts').then(({ accountTextsEn }) => accountTextsEn),
  de: () => import('./texts.de.ts').then(({ accountTextsDe }) => accountTextsDe),
  fr: () => import('./texts.fr.ts').then(({ accountTextsFr }) => accountTextsFr),
  es: () => import('./texts.es.ts').then(({ accountTextsEs }) => accountTextsEs),
  ja: () => import('./texts.ja.ts').then(({ accountTextsJa }) => accountTextsJa),
  ar: () => import('./texts.ar.ts').then(({ accountTextsAr }) => accountTextsAr),
};

/** Loads the texts of the account page in one language. */
export const loadAccountCatalogue = (language: Language): Promise<AccountCatalogue> => catalogues[language]();
