import type { Language } from '../../kit/language/language.ts';
import { textsAr } from '../texts/texts.ar.ts';
import { textsDe } from '../texts/texts.de.ts';
import { type Catalogue, textsEn } from '../texts/texts.en.ts';
import { textsEs } from '../texts/texts.es.ts';
import { textsFr } from '../texts/texts.fr.ts';
import { textsJa } from '../texts/texts.ja.ts';

/** Every language at once: a server speaks them all. */
export const allTexts: Readonly<Record<Language, Catalogue>> = {
  en: textsEn,
  de: textsDe,
  fr: textsFr,
  es: textsEs,
  ja: textsJa,
  ar: textsAr,
};
