import type { Random } from './random.ts';

/**
 * A UUID that begins with the time (RFC 9562 version 7), for rows that are written as they come and looked up by their id:
 * in an index they lie at its end, next to each other. 74 bits are random, so nobody guesses one; that somebody who has one
 * knows when it was made must not matter.
 */
export const timeOrderedUuid = (random: Random, epochMillis: number): string => {
  const time = epochMillis.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.uuid().slice(15)}`;
};
