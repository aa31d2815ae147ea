import type { PasswordList } from '@assent/engine/host';

const BLANK = 32;

/** Whether a word is among those of a text, which come in the order of their characters with a blank or a line end after each. */
const isAmong = (words: string, word: string): boolean => {
  let [from, to] = [0, words.length];
  while (from < to) {
    let start = (from + to) >> 1;
    while (start > from && words.charCodeAt(start - 1) > BLANK) start -= 1;
    let end = start;
    while (end < to && words.charCodeAt(end) > BLANK) end += 1;
    const found = words.slice(start, end);
    if (found === word) return true;
    if (found < word) from = end + 1;
    else to = start;
  }
  return false;
};

/**
 * The list of passwords that many people have (SEC-55). It is exact: a password that is not on it is never called common. Loaded when the
 * first password is judged, and searched as the one text that it is, so that it takes no more memory than that.
 */
export const commonPasswords: PasswordList = async () => {
  const { COMMON_PASSWORDS } = await import('./common-passwords.ts');
  return (folded) => folded !== '' && !/\s/.test(folded) && isAmong(COMMON_PASSWORDS, folded);
};
