import { isWithheldParameter } from '@assent/engine/host';

/** The address of a page without what carries a token in it; one that has none stays as it is, letter by letter. */
export const withoutTokens = (address: string): string => {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  // What cannot be read may hold anything behind its first question mark.
  if (url === undefined) return address.replace(/[?#].*$/s, '');
  const tokens = [...url.searchParams.keys()].filter(isWithheldParameter);
  if (tokens.length === 0 && url.hash === '' && url.username === '' && url.password === '') return address;
  for (const name of tokens) url.searchParams.delete(name);
  url.hash = '';
  url.username = '';
  url.password = '';
  return url.href;
};
