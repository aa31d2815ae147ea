import { fillText } from '../../kit/language/fill-text.ts';
import type { PhoneCatalogue, PhoneTextId } from './texts.en.ts';

// The one place that knows the phone's language. Nothing is rendered before `speak`, so an empty text is never seen.
let catalogue: Partial<PhoneCatalogue> = {};
let timeLocale = 'en';

/** Sets the language of the phone, and how it writes times. */
export const speak = (next: PhoneCatalogue, locale: string): void => {
  catalogue = next;
  timeLocale = locale;
};

/** A text of ours in the phone's language. */
export const say = (id: PhoneTextId, values?: Readonly<Record<string, string | number>>): string =>
  fillText(catalogue[id] ?? '', values);

/** A moment as people write it: the time of today, else day and time. Digits are ASCII in every language. */
export const momentText = (at: number, now: number): string => {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString();
  const style = isToday
    ? { timeStyle: 'short' as const }
    : { dateStyle: 'medium' as const, timeStyle: 'short' as const };
  return new Intl.DateTimeFormat(timeLocale, style).format(at);
};

/** A time of day to the second, for a request of just now. */
export const secondsText = (at: number): string =>
  new Intl.DateTimeFormat(timeLocale, { timeStyle: 'medium' }).format(at);
