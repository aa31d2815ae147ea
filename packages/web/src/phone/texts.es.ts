import { type PhoneCatalogue, phoneTextsEn } from './texts.en.ts';
export const phoneTextsEs: PhoneCatalogue = phoneTextsEn;
