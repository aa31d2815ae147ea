import type { Language } from '../kit/language.ts';

/** Days and times as the language writes them, in ASCII digits (ux §2.5). */
export const timesIn = (language: Language) => {
  const locale = `${language}-u-nu-latn`;
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' });
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
  return {
    day: (millis: number): string => day.format(millis),
    moment: (time: number | string): string => moment.format(new Date(time)),
  };
};

export type Times = ReturnType<typeof timesIn>;
