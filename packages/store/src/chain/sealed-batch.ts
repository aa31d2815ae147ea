import { type ChainPlace, linked } from './seals.ts';

/** Of SHA-256 in base64url. */
const DIGEST_CHARACTERS = 43;

/** The seal of a batch of rows with consecutive positions: one record for all of them (SEC-80, ADR 107). */
export interface SealedBatch {
  /** The positions of the first and the last row. */
  readonly first: number;
  readonly last: number;
  /** The hash of the row before the first. */
  readonly previous: string;
  /** The hash of the last row. */
  readonly hash: string;
  /** The digests of the rows, concatenated. A changed row is found by its own digest. */
  readonly digests: string;
}

/** Seals rows by their digests, at least one, after the row with that hash. */
export const batchOf = (first: number, digests: readonly string[], previous: string): SealedBatch => ({
  first,
  last: first + digests.length - 1,
  previous,
  hash: digests.reduce(linked, previous),
  digests: digests.join(''),
});

export const endOf = ({ last: position, hash }: SealedBatch): ChainPlace => ({ position, hash });

/** Whether the seal has one digest for each position. */
export const isWellFormed = ({ first, last, digests }: SealedBatch): boolean =>
  last >= first && digests.length === (last - first + 1) * DIGEST_CHARACTERS;

export const isIn = ({ first, last }: SealedBatch, position: number): boolean => position >= first && position <= last;

/** Computes the hash of a row by its position, from the digests up to it. Returns undefined outside the digests. */
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
