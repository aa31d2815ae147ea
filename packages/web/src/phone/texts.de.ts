import { type PhoneCatalogue, phoneTextsEn } from './texts.en.ts';
export const phoneTextsDe: PhoneCatalogue = phoneTextsEn;
