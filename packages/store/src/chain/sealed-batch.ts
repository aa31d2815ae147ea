import { type ChainPlace, linked } from './seals.ts';

/** Of SHA-256 in base64url. */
const DIGEST_CHARACTERS = 43;

/** The seal of a batch of rows, whose positions follow each other: one record for all of them (SEC-80, ADR 107). */
export interface SealedBatch {
  /** The positions of its first row and its last. */
  readonly first: number;
  readonly last: number;
  /** The hash of the row before the first. */
  readonly previous: string;
  /** The hash of the last row. */
  readonly hash: string;
  /** The digests of its rows, one behind the other, so that a row that was changed can be named. */
  readonly digests: string;
}

/** A batch behind the row with that hash; of rows by their digests, at least one. */
export const batchOf = (first: number, digests: readonly string[], previous: string): SealedBatch => ({
  first,
  last: first + digests.length - 1,
  previous,
  hash: digests.reduce(linked, previous),
  digests: digests.join(''),
});

export const endOf = ({ last: position, hash }: SealedBatch): ChainPlace => ({ position, hash });

/** Whether there is a digest for each of its positions. */
export const isWellFormed = ({ first, last, digests }: SealedBatch): boolean =>
  last >= first && digests.length === (last - first + 1) * DIGEST_CHARACTERS;

export const isIn = ({ first, last }: SealedBatch, position: number): boolean => position >= first && position <= last;

/** Gives the hash of each of its rows by position, made from what is sealed of the rows up to it; undefined where there is no digest. */
export const hashesOf = ({ first, previous, digests }: SealedBatch): ((position: number) => string | undefined) => {
  const made = [previous];
  return (position) => {
    const count = position - first + 1;
    if (count < 0 || count * DIGEST_CHARACTERS > digests.length) return undefined;
    for (let at = made.length; at <= count; at += 1) {
      const digest = digests.slice((at - 1) * DIGEST_CHARACTERS, at * DIGEST_CHARACTERS);
      made.push(linked(made[at - 1] ?? previous, digest));
    }
    return made[count];
  };
};
