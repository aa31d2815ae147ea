import type { Difference } from './rows.ts';

// Apart from what copies, so that whoever only reads of a copy needs no types of PostgreSQL's driver, which brings none.

/** A table in both databases, each as it was read back. */
export interface CopiedTable {
  readonly name: string;
  readonly rows: number;
  readonly sha256: string;
}

/** Is told how a copy comes along. */
export interface CopyListener {
  /** The snapshot is there. `isNew`: as of this moment, and not that of a copy that was broken off. */
  begun?(isNew: boolean): void;
  /** All rows of a table are there; not told again of one that was there before. */
  written?(name: string, rows: number): void;
  /** A table is the same in both; of one that was compared before a break it is told again. */
  compared?(table: CopiedTable): void;
}

export interface CopyResult {
  readonly tables: readonly CopiedTable[];
  /** What is not the same in both, as far as it was looked at; none: the target is whole. */
  readonly differences: readonly Difference[];
}
