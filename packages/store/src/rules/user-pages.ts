import type { Identity } from '@assent/engine';
import { searchValues } from './search-values.ts';

const HIGHEST = 0x10ffff;
const BEFORE_SURROGATES = 0xd7ff;
const AFTER_SURROGATES = 0xe000;

/**
 * The least text that is above all that begin so, in the order of code points, which is the order of bytes in UTF-8;
 * `undefined` where there is none.
 */
export const endOfBeginning = (beginning: string): string | undefined => {
  const signs = [...beginning];
  for (let last = signs.pop(); last !== undefined; last = signs.pop()) {
    const code = last.codePointAt(0) ?? HIGHEST;
    if (code < HIGHEST) {
      const next = code === BEFORE_SURROGATES ? AFTER_SURROGATES : code + 1;
      return signs.join('') + String.fromCodePoint(next);
    }
  }
  return undefined;
};

/** A user with several values that begin so stands at one of them alone, so that no two pages have the same user. */
export const standsAt = (user: Identity, attribute: string, beginning: string, folded: string): boolean => {
  const values = searchValues({ [attribute]: user.attributes[attribute] ?? [] })
    .map((value) => value.folded)
    .filter((value) => value.startsWith(beginning));
  return values.every((value) => folded <= value);
};

/** How many characters of attributes a page holds, which are read, parsed and folded in one turn of the event loop; more is for the next page. */
export const MAX_CHARACTERS_OF_PAGE = 1_024 * 1_024;

/** Where no index finds a user, a look-up goes through so many; a larger realm has to list the attribute. */
export const MAX_USERS_LOOKED_THROUGH = 5_000;

/** How many characters of attributes one look-up goes through where no index finds the user. */
export const MAX_CHARACTERS_LOOKED_THROUGH = 4 * 1_024 * 1_024;

/** How many of them it goes through in one turn of the event loop. */
export const MAX_CHARACTERS_OF_TURN = 128 * 1_024;

/**
 * How many look-throughs run at once in a process, and how many wait. They share one processor with the logins of all realms, and on PostgreSQL its
 * connections for reads, so that a realm has two of four places.
 */
export const LOOK_THROUGH_TURNS = Object.freeze({
  concurrency: 4,
  concurrencyOfRealm: 2,
  most: 1_024,
  mostOfRealm: 256,
  deadlineMillis: 5_000,
});

/** The rows that a page holds of those it may have: at least one, and none behind the one that fills it. */
export const heldOnPage = <R>(
  rows: readonly R[],
  charactersOf: (row: R) => number,
  most = MAX_CHARACTERS_OF_PAGE,
): readonly R[] => {
  let characters = 0;
  const last = rows.findIndex((row) => {
    characters += charactersOf(row);
    return characters >= most;
  });
  return last < 0 ? rows : rows.slice(0, last + 1);
};
