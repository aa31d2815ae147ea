import { endOf, hashesOf, isIn, isWellFormed, type SealedBatch } from './sealed-batch.ts';
import type { ChainPlace, TrailRow } from './seals.ts';
import type { TrailVerifier } from './trail-verifier.ts';

/** Consecutive rows that no batch covers. */
interface Unsealed {
  readonly first: number;
  readonly id: string;
  last: number;
}

const rowsFrom = (first: number, last: number): string =>
  first === last ? `the row at position ${first}` : `the rows from position ${first} to ${last}`;

/**
 * Compares rows with the seals of their batches. Both arrive in the order of their positions, and none is kept. Each row is compared with its own
 * digest, so a changed row causes no finding for its neighbours.
 */
export class BatchVerifier {
  readonly #verifier: TrailVerifier;
  /** The end of the last batch that was taken, or the place where the check begins. */
  #end: ChainPlace;
  /** Hashes that the next seal may continue. A changed seal has 2, because the change was already reported. */
  #ends: readonly (string | undefined)[];
  #batch: SealedBatch | undefined;
  #hashAt: (position: number) => string | undefined = () => undefined;
  /** The position of the last row that was read, and of the first sealed row after it that is missing. */
  #row: number;
  #missing: number | undefined;
  #unsealed: Unsealed | undefined;

  constructor(verifier: TrailVerifier, from: ChainPlace) {
    this.#verifier = verifier;
    this.#end = from;
    this.#ends = [from.hash];
    this.#row = from.position;
  }

  /** The end of the last batch that was taken. */
  get end(): ChainPlace {
    return this.#end;
  }

  /** The position of the last row that was read. */
  get row(): number {
    return this.#row;
  }

  /** Whether the last seal ends at this place. */
  leadsTo({ position, hash }: ChainPlace): boolean {
    return this.#end.position === position && this.#ends.includes(hash);
  }

  /** Takes the next seal, after all rows before it. */
  takeSeal(batch: SealedBatch): void {
    const { first, last, previous, hash } = batch;
    const { position } = this.#end;
    const isBegun = first <= position && this.#batch === undefined;
    if (first <= position && !isBegun) {
      const message = `The seal of ${rowsFrom(first, last)} overlaps another seal: it was added or changed.`;
      this.#verifier.note({ fault: 'inserted', position: first, message });
      return;
    }
    this.#leaveBatch();
    this.#batch = batch;
    this.#hashAt = isWellFormed(batch) ? hashesOf(batch) : () => undefined;
    if (this.#hashAt(last) !== hash || (isBegun && this.#hashAt(position) !== this.#end.hash))
      this.#noteSeal(batch, 'was changed: its digests do not give its hash');
    else if (isBegun || this.#ends.includes(previous)) this.#noteUnsealed();
    else if (this.#unsealed !== undefined) this.noteUnsealed();
    else if (first > position + 1) {
      const message = `${capital(rowsFrom(position + 1, first - 1))} and their seal are missing.`;
      this.#verifier.note({ fault: 'missing', position: first, message });
    } else this.#noteSeal(batch, 'does not continue the seal before it: one of them was changed');
    this.#unsealed = undefined;
    this.#end = endOf(batch);
    this.#ends = [hash, this.#hashAt(last)];
  }

  /** Takes the next row, after the seal of its batch. */
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
    // A seal without valid digests was already reported, and cannot prove its rows.
    if (hash === undefined || before === undefined) return;
    this.#verifier.goOn({ position: position - 1, hash: before });
    this.#verifier.take({ id, position, event, seal: { ...seal, hash } });
  }

  /** Reports rows without a seal that the log counts as sealed. */
  noteUnsealed(): void {
    if (this.#unsealed === undefined) return;
    const { first, last, id } = this.#unsealed;
    const message = `The seal of ${rowsFrom(first, last)} is missing, so these rows are not proven.`;
    this.#verifier.note({ fault: 'missing', position: first, id, message });
    this.#unsealed = undefined;
  }

  /** Reports rows between 2 seals that follow each other, so these rows were never sealed. */
  #noteUnsealed(): void {
    if (this.#unsealed === undefined) return;
    const { first, last, id } = this.#unsealed;
    const message = `No seal covers ${rowsFrom(first, last)}, and no seal is missing there: added or moved.`;
    this.#verifier.note({ fault: 'inserted', position: first, id, message });
  }

  #noteSeal({ first, last }: SealedBatch, what: string): void {
    this.#verifier.note({
      fault: 'changed',
      position: first,
      message: `The seal of ${rowsFrom(first, last)} ${what}.`,
    });
  }

  /** Missing rows at the end of the batch are reported with the next row. */
  #leaveBatch(): void {
    if (this.#batch !== undefined && this.#row < this.#batch.last)
      this.#missing ??= Math.max(this.#row + 1, this.#batch.first);
    this.#batch = undefined;
  }

  #noteMissing(position: number, id: string): void {
    if (this.#missing === undefined) return;
    const message = `${capital(rowsFrom(this.#missing, position - 1))} before it: missing, or this row was moved.`;
    this.#verifier.note({ fault: 'missing', position, id, message });
    this.#missing = undefined;
  }
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
