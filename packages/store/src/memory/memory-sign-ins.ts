import { type AuditEvent, type KnownBy, madeKnownBy, type SignInQuery } from '@assent/engine/host';

/** A row of the audit log; its event loses the detail when its user is erased. */
interface Row {
  readonly event: AuditEvent;
}

const KINDS: readonly KnownBy[] = ['factor', 'password'];
const keyOf = (userId: string, knownBy: KnownBy): string => `${knownBy} ${userId}`;

/** The rows of the audit log that have made a place known, by user: the counterpart of the indexes that the databases have for them. */
export class MemorySignIns {
  /** Oldest first. */
  readonly #rows = new Map<string, Row[]>();

  add(row: Row): void {
    const { userId } = row.event;
    const knownBy = madeKnownBy(row.event);
    if (userId === undefined || knownBy === undefined) return;
    const key = keyOf(userId, knownBy);
    const rows = this.#rows.get(key);
    if (rows === undefined) this.#rows.set(key, [row]);
    else rows.push(row);
  }

  /** The row was the newest of the audit log. */
  takeBack(row: Row): void {
    this.#remove(row, (rows) => rows.at(-1) === row && rows.pop());
  }

  /** The row was the oldest of the audit log. */
  forget(row: Row): void {
    this.#remove(row, (rows) => rows[0] === row && rows.shift());
  }

  newest(userId: string, { knownBy, since, limit }: SignInQuery): readonly AuditEvent[] {
    const wanted: readonly KnownBy[] = knownBy === 'factor' ? ['factor'] : KINDS;
    return wanted.flatMap((kind) => {
      const rows = this.#rows.get(keyOf(userId, kind)) ?? [];
      return rows
        .slice(-limit)
        .map(({ event }) => event)
        .filter((event) => event.at >= since && madeKnownBy(event) === kind)
        .toReversed();
    });
  }

  #remove({ event: { userId = '' } }: Row, from: (rows: Row[]) => unknown): void {
    for (const knownBy of KINDS) {
      const key = keyOf(userId, knownBy);
      const rows = this.#rows.get(key);
      if (rows === undefined) continue;
      from(rows);
      if (rows.length === 0) this.#rows.delete(key);
    }
  }
}
