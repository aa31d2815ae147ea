import type { Language } from '../../kit/language.ts';
import { textsAr } from '../texts.ar.ts';
import { textsDe } from '../texts.de.ts';
import { type Catalogue, textsEn } from '../texts.en.ts';
import { textsEs } from '../texts.es.ts';
import { textsFr } from '../texts.fr.ts';
import { textsJa } from '../texts.ja.ts';

/** Every language at once: a server speaks them all. */
export const allTexts: Readonly<Record<Language, Catalogue>> = {
  en: textsEn,
  de: textsDe,
  fr: textsFr,
  es: textsEs,
  ja: textsJa,
  ar: textsAr,
};
