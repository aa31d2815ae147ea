const moments = [
  { at: 60, text: 'left60' },
  { at: 30, text: 'left30' },
  { at: 10, text: 'left10' },
] as const;

/** What to read out when the time that is left goes from `before` to `now` seconds; the latest, where a page slept over some. */
export const announcedAt = (before: number, now: number): (typeof moments)[number]['text'] | undefined =>
  now === 0 ? undefined : moments.findLast(({ at }) => before > at && now <= at)?.text;

/** A time ahead as a person says it: in minutes within the hour and a half, else in hours; no clock, as the server does not know theirs. */
export const inWords = (millis: number, language: string): string => {
  const minutes = Math.max(1, Math.ceil(millis / 60_000));
  const words = new Intl.RelativeTimeFormat(language);
  return minutes < 90 ? words.format(minutes, 'minute') : words.format(Math.ceil(minutes / 60), 'hour');
};
