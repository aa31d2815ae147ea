import { type PhoneCatalogue, phoneTextsEn } from './texts.en.ts';
export const phoneTextsFr: PhoneCatalogue = phoneTextsEn;
