import type { SealedBatch } from './sealed-batch.ts';
import type { ChainPlace, TrailRow } from './seals.ts';

/** How far the trail is sealed, and from where on it is kept. */
export interface ChainState {
  readonly head: ChainPlace;
  /** How many rows were sealed since the chain began. */
  readonly count: number;
  /** What is up to there was let go by retention; position 0 where nothing was. */
  readonly begins: ChainPlace;
  /** Up to which position the last checkpoint goes, and when it was made, in milliseconds since 1970. */
  readonly checkpoint: { readonly position: number; readonly at: number };
}

/** Where to read on from: behind a row. */
export interface TrailPlace {
  readonly position: number;
  readonly id?: string;
}

/** What somebody who looks the trail through asks of a store. */
export interface ReadableChain {
  state(): Promise<ChainState>;
  /** Rows that have a position, behind a place, in the order of their positions. */
  rows(behind: TrailPlace, limit: number): Promise<readonly TrailRow[]>;
  /** The seals of the batches that cover any position of a range, in their order. */
  seals(from: number, to: number, limit: number): Promise<readonly SealedBatch[]>;
  /** Whose `ERASE` rows are committed and not sealed yet. */
  unsealedErasures(): Promise<readonly string[]>;
  /** The oldest row that waits to be sealed: when it happened, in milliseconds since 1970; undefined where none does. */
  oldestUnsealed(): Promise<{ readonly id: string; readonly at: number } | undefined>;
}
