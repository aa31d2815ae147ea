import { purposeOf, SETTLED_MILLIS } from '../ports/key-kinds.ts';
import type { KeyOrder, KeyState, Resealed } from '../ports/keys.ts';
import { keyIdOf, type Sealer } from '../sealing/sealer.ts';
import type { KeysTopic } from './installation/keys.ts';
import { SEALED_COLUMNS, type SealedColumn } from './sealed-columns.ts';
import { all, type Call, type Row, type SqlValue, type Verb } from './verbs/verb.ts';

/** How a database does it. */
export interface ResealRuns {
  /** A commit of its own. */
  readonly commit: <T>(begin: () => Verb<T>) => Promise<T>;
  readonly read: <T>(begin: () => Verb<T>) => Promise<T>;
  /** Statements that need nothing of each other, none of which keeps a row locked while it waits for another. */
  readonly each: (calls: readonly Call[]) => Promise<unknown>;
}

export interface ResealingOptions extends ResealRuns {
  readonly sealer: Sealer;
  readonly keys: KeysTopic;
  readonly holds: (holder: string, now: number) => Verb<boolean>;
}

/** One walk through all that is sealed for the purposes whose keys are replaced. It is not stored: who goes on after a crash begins anew. */
interface Pass {
  readonly startedAt: number;
  readonly retiring: readonly KeyState[];
  readonly columns: readonly SealedColumn[];
  readonly met: Set<number>;
  at: number;
  after: readonly SqlValue[] | undefined;
}

/** Seals anew what lies under keys that are replaced (SEC-75, F17). */
export class Resealing {
  readonly #options: ResealingOptions;
  #pass: Pass | undefined;

  constructor(options: ResealingOptions) {
    this.#options = options;
  }

  async step(order: KeyOrder & { readonly holder: string }, limit: number): Promise<Resealed | undefined> {
    const { commit, read, each, holds, keys } = this.#options;
    if (!(await commit(() => holds(order.holder, order.at)))) {
      this.#pass = undefined;
      return undefined;
    }
    const pass = this.#pass ?? this.#begin(order.at);
    const column = pass.columns[pass.at];
    if (column === undefined) {
      this.#pass = undefined;
      const { at, transactionId, by } = order;
      for (const { kind, id } of pass.retiring.filter((key) => isOver(key, pass))) {
        await commit(() => keys.retire(kind, id, { at, transactionId, ...(by && { by }) }));
      }
      return { rows: 0, isPass: true };
    }
    this.#pass = pass;
    const rows = await read(() =>
      pass.after === undefined ? all(column.firstPage, limit) : all(column.nextPage, ...pass.after, limit),
    );
    const calls = rows.flatMap((row) => this.#replacement(column, row, pass));
    await each(calls);
    const last = rows.at(-1);
    if (last !== undefined && rows.length === limit) pass.after = last.slice(0, column.keyLength);
    else {
      pass.at += 1;
      pass.after = undefined;
    }
    return { rows: calls.length, isPass: false };
  }

  #begin(startedAt: number): Pass {
    const retiring = this.#options.keys
      .known()
      .filter(({ kind, status }) => status === 'retiring' && purposeOf(kind) !== undefined);
    const columns = SEALED_COLUMNS.filter(({ purpose }) => retiring.some(({ kind }) => purposeOf(kind) === purpose));
    return { startedAt, retiring, columns, met: new Set(), at: 0, after: undefined };
  }

  #replacement({ purpose, keyLength, placeOf, replace }: SealedColumn, row: Row, pass: Pass): readonly Call[] {
    const { sealer } = this.#options;
    const sealed = row.at(-1);
    if (!(sealed instanceof Uint8Array)) return [];
    const id = keyIdIn(sealed);
    if (id === undefined || !pass.retiring.some((key) => key.id === id)) return [];
    const place = placeOf(row);
    const plain = sealer.tryOpen(purpose, place, sealed);
    // No key opens it: it is told of, and keeps nobody waiting.
    if (plain === undefined) return [];
    pass.met.add(id);
    const values = [sealer.seal(purpose, place, plain), ...row.slice(0, keyLength), sealed];
    return [{ wants: 'count', statement: replace, values }];
  }
}

/** Nothing was met under it in a pass that began when nobody could seal under it any more. */
const isOver = ({ id, since = 0 }: KeyState, { startedAt, met }: Pass): boolean =>
  startedAt >= since + SETTLED_MILLIS && !met.has(id);

const keyIdIn = (sealed: Uint8Array): number | undefined => {
  try {
    return keyIdOf(sealed);
  } catch {
    return undefined;
  }
};
