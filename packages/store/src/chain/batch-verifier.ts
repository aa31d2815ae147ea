import { endOf, hashesOf, isIn, isWellFormed, type SealedBatch } from './sealed-batch.ts';
import type { ChainPlace, TrailRow } from './seals.ts';
import type { TrailVerifier } from './trail-verifier.ts';

/** Rows behind each other that no batch has. */
interface Unsealed {
  readonly first: number;
  readonly id: string;
  last: number;
}

const rowsFrom = (first: number, last: number): string =>
  first === last ? `the row at position ${first}` : `the rows from position ${first} to ${last}`;

/**
 * Compares rows with the seals of their batches, both in the order of their positions, and keeps none of them. Each row is compared with its own
 * digest, so that one that was changed says nothing of its neighbours.
 */
export class BatchVerifier {
  readonly #verifier: TrailVerifier;
  /** Where the last batch ends whose seal was taken, or where all begins. */
  #end: ChainPlace;
  /** What the next seal may go on from, where the last one was changed and that was told of. */
  #ends: readonly (string | undefined)[];
  #batch: SealedBatch | undefined;
  #hashAt: (position: number) => string | undefined = () => undefined;
  /** The position of the last row that was there, and of the first behind it that is sealed and not there. */
  #row: number;
  #missing: number | undefined;
  #unsealed: Unsealed | undefined;

  constructor(verifier: TrailVerifier, from: ChainPlace) {
    this.#verifier = verifier;
    this.#end = from;
    this.#ends = [from.hash];
    this.#row = from.position;
  }

  /** Where the last batch ends whose seal was taken. */
  get end(): ChainPlace {
    return this.#end;
  }

  /** The position of the last row that was there. */
  get row(): number {
    return this.#row;
  }

  /** Whether the last seal leads to a place. */
  leadsTo({ position, hash }: ChainPlace): boolean {
    return this.#end.position === position && this.#ends.includes(hash);
  }

  /** The next seal, behind all rows that stand before it. */
  takeSeal(batch: SealedBatch): void {
    const { first, last, previous, hash } = batch;
    const { position } = this.#end;
    const isBegun = first <= position && this.#batch === undefined;
    if (first <= position && !isBegun) {
      const message = `The seal of ${rowsFrom(first, last)} is of rows that have another one: it was put there, or changed.`;
      this.#verifier.note({ fault: 'inserted', position: first, message });
      return;
    }
    this.#leaveBatch();
    this.#batch = batch;
    this.#hashAt = isWellFormed(batch) ? hashesOf(batch) : () => undefined;
    if (this.#hashAt(last) !== hash || (isBegun && this.#hashAt(position) !== this.#end.hash))
      this.#noteSeal(batch, 'was changed: its digests do not lead to its hash');
    else if (isBegun || this.#ends.includes(previous)) this.#noteUnsealed();
    else if (this.#unsealed !== undefined) this.noteUnsealed();
    else if (first > position + 1) {
      const message = `${capital(rowsFrom(position + 1, first - 1))} and their seal are not there.`;
      this.#verifier.note({ fault: 'missing', position: first, message });
    } else this.#noteSeal(batch, 'does not go on from the one before: one of both was changed');
    this.#unsealed = undefined;
    this.#end = endOf(batch);
    this.#ends = [hash, this.#hashAt(last)];
  }

  /** The next row, behind the seal that it has. */
  takeRow(row: TrailRow): void {
    const { id, position, event, seal } = row;
    if (position <= this.#row) {
      const message = `Its position comes after ${this.#row}: it was put there, or moved.`;
      this.#verifier.note({ fault: 'inserted', position, id, message });
      return;
    }
    if (this.#batch === undefined || !isIn(this.#batch, position)) {
      if (this.#unsealed === undefined) this.#unsealed = { first: position, id, last: position };
      else this.#unsealed.last = position;
      this.#leaveBatch();
      this.#row = position;
      return;
    }
    const due = Math.max(this.#row + 1, this.#batch.first);
    if (position > due) this.#missing ??= due;
    this.#noteMissing(position, id);
    this.#row = position;
    const hash = this.#hashAt(position);
    const before = this.#hashAt(position - 1);
    // What has no digests was told of, and says nothing of its rows.
    if (hash === undefined || before === undefined) return;
    this.#verifier.goOn({ position: position - 1, hash: before });
    this.#verifier.take({ id, position, event, seal: { ...seal, hash } });
  }

  /** At the end: rows behind the last seal, up to where the trail is said to be sealed. */
  noteUnsealed(): void {
    if (this.#unsealed === undefined) return;
    const { first, last, id } = this.#unsealed;
    const message = `The seal of ${rowsFrom(first, last)} is not there: what they say is not proven.`;
    this.#verifier.note({ fault: 'missing', position: first, id, message });
    this.#unsealed = undefined;
  }

  /** The seals before and behind fit each other, so that these never had one. */
  #noteUnsealed(): void {
    if (this.#unsealed === undefined) return;
    const { first, last, id } = this.#unsealed;
    const message = `No seal has ${rowsFrom(first, last)}, and those before and behind follow each other: put there, or moved.`;
    this.#verifier.note({ fault: 'inserted', position: first, id, message });
  }

  #noteSeal({ first, last }: SealedBatch, what: string): void {
    this.#verifier.note({
      fault: 'changed',
      position: first,
      message: `The seal of ${rowsFrom(first, last)} ${what}.`,
    });
  }

  /** Rows at the end of the batch that are not there are told of with the next row that is. */
  #leaveBatch(): void {
    if (this.#batch !== undefined && this.#row < this.#batch.last)
      this.#missing ??= Math.max(this.#row + 1, this.#batch.first);
    this.#batch = undefined;
  }

  #noteMissing(position: number, id: string): void {
    if (this.#missing === undefined) return;
    const message = `${capital(rowsFrom(this.#missing, position - 1))} before it: not there, or this row was moved.`;
    this.#verifier.note({ fault: 'missing', position, id, message });
    this.#missing = undefined;
  }
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
