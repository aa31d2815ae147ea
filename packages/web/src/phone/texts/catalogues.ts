import type { Language } from '../../kit/language/language.ts';
import type { PhoneCatalogue } from './texts.en.ts';

/** One chunk per language: nobody loads what another reads. */
const catalogues: Readonly<Record<Language, () => Promise<PhoneCatalogue>>> = {
  en: () => import('./texts.en.ts').then(({ phoneTextsEn }) => phoneTextsEn),
  de: () => import('./texts.de.ts').then(({ phoneTextsDe }) => phoneTextsDe),
  fr: () => import('./texts.fr.ts').then(({ phoneTextsFr }) => phoneTextsFr),
  es: () => import('./texts.es.ts').then(({ phoneTextsEs }) => phoneTextsEs),
  ja: () => import('./texts.ja.ts').then(({ phoneTextsJa }) => phoneTextsJa),
  ar: () => import('./texts.ar.ts').then(({ phoneTextsAr }) => phoneTextsAr),
};

/** Loads the texts of the phone in one language. */
export const loadPhoneCatalogue = (language: Language): Promise<PhoneCatalogue> => catalogues[language]();
