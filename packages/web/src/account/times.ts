import { type Language, timeLocaleOf } from '../kit/language/language.ts';

/** Days and times as the language writes them where the browser is at home. */
export const timesIn = (language: Language, browser: readonly string[]) => {
  const locale = timeLocaleOf(language, browser);
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' });
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
  return {
    day: (millis: number): string => day.format(millis),
    moment: (time: number | string): string => moment.format(new Date(time)),
  };
};

export type Times = ReturnType<typeof timesIn>;
