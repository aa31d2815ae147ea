import { type PhoneCatalogue, phoneTextsEn } from './texts.en.ts';
export const phoneTextsJa: PhoneCatalogue = phoneTextsEn;
