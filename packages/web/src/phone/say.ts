import { fillText } from '../kit/fill-text.ts';
import type { PhoneCatalogue, PhoneTextId } from './texts.en.ts';

// The one place that knows the phone's language. Nothing is drawn before `speak`, so an empty text is never seen.
let catalogue: Partial<PhoneCatalogue> = {};
let language = 'en';

/** Sets the language of the phone. */
export const speak = (next: PhoneCatalogue, tag: string): void => {
  catalogue = next;
  language = tag;
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
  return new Intl.DateTimeFormat(`${language}-u-nu-latn`, style).format(at);
};

/** A time of day to the second, for a request of just now. */
export const secondsText = (at: number): string =>
  new Intl.DateTimeFormat(`${language}-u-nu-latn`, { timeStyle: 'medium' }).format(at);
