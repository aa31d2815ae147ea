import { type PhoneCatalogue, phoneTextsEn } from './texts.en.ts';
export const phoneTextsAr: PhoneCatalogue = phoneTextsEn;
