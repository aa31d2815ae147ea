const moments = [
  { at: 60, text: 'left60' },
  { at: 30, text: 'left30' },
  { at: 10, text: 'left10' },
] as const;

/** What to read out when the time that is left goes from `before` to `now` seconds; the latest, where a page slept over some. */
export const announcedAt = (before: number, now: number): (typeof moments)[number]['text'] | undefined =>
  now === 0 ? undefined : moments.findLast(({ at }) => before > at && now <= at)?.text;
