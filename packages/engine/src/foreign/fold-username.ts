/** The longest run of combining characters that is folded: Unicode's Stream-Safe Text Format (UAX #15) needs no longer one for any language. */
export const MAX_COMBINING_RUN = 30;

/**
 * One character more than that. Halfwidth sound marks are letters to Unicode, and NFKC makes combining characters of them. It looks behind the
 * first character of a run alone, so that each character is looked at a few times and not once for each before it.
 */
const LONG_COMBINING_RUN = /[\p{M}\uff9e\uff9f](?<![\p{M}\uff9e\uff9f]{2})[\p{M}\uff9e\uff9f]{30}/u;
const BEYOND_ASCII = /[\u0080-\uffff]/;

/** Whether more combining characters follow each other than any language writes: to put them in order takes time by the square of their number. */
export const hasLongCombiningRun = (text: string): boolean =>
  text.length > MAX_COMBINING_RUN && BEYOND_ASCII.test(text) && LONG_COMBINING_RUN.test(text);

/**
 * Case and compatibility folding for look-ups, of names (SEC-60) and of values of attributes. It takes time by the length of the text: a long
 * run of combining characters stays as it is, since sorting one of 8,000 blocks the event loop for 24 ms. New names and values have none.
 */
export const foldUsername = (username: string): string =>
  !BEYOND_ASCII.test(username) || hasLongCombiningRun(username)
    ? username.toLowerCase()
    : username.normalize('NFKC').toLowerCase();
