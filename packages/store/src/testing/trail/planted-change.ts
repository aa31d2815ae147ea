import type { SealedBatch } from '../../chain/sealed-batch.ts';

/** A change to a sealed audit log in SQLite, and the range of positions where verify has to report it. */
export interface PlantedChange {
  readonly what: string;
  readonly sql: readonly string[];
  readonly from: number;
  readonly to: number;
}

/** Draws an integer from 0 to below a limit. */
export type Draw = (below: number) => number;

const OTHER = 'B'.repeat(43);
const COLUMNS =
  'at, event, realm, transaction_id, user_id, journey, node_type, node_id, outcome, detail, salt, detail_hash'.split(
    ', ',
  );

const setRow = (id: number, set: string): string => `UPDATE audit SET ${set} WHERE id = ${id}`;

const setSeal = ({ first }: SealedBatch, set: string): string => `UPDATE audit_seal SET ${set} WHERE first = ${first}`;

/** The kinds of changes to a batch. `next` is the batch after it. */
const KINDS: readonly ((batch: SealedBatch, next: SealedBatch, draw: Draw) => PlantedChange)[] = [
  ({ first, last }, _, draw) => {
    const row = first + draw(last - first + 1);
    const column = COLUMNS[draw(COLUMNS.length)] ?? 'at';
    const value = column === 'at' ? 'at + 1' : column === 'detail' ? `'{"planted":${row}}'` : `'planted'`;
    return { what: `changed ${column}`, sql: [setRow(row, `${column} = ${value}`)], from: row, to: row };
  },
  ({ first, last }, _, draw) => {
    const row = first + draw(last - first + 1);
    // Verify reports it with the next row.
    return { what: 'missing row', sql: [`DELETE FROM audit WHERE id = ${row}`], from: row + 1, to: row + 1 };
  },
  ({ first, last }, _, draw) => {
    const row = first + 1 + draw(last - first);
    const sql = [`DELETE FROM audit WHERE id = ${row - 1}`, setRow(row, `id = ${row - 1}`)];
    return { what: 'moved row', sql, from: row - 1, to: row + 1 };
  },
  ({ first, last }, _, draw) => {
    const row = first + draw(last - first + 1);
    const insert = `INSERT INTO audit (id, at, event, realm, transaction_id) VALUES (${row}, 1, 'PLANTED', '/', 't')`;
    return { what: 'added row', sql: [`DELETE FROM audit WHERE id = ${row}`, insert], from: row, to: row };
  },
  ({ first, last }, _, draw) => {
    const row = first + draw(last - first);
    const other = row + 1 + draw(last - row);
    const sql = [setRow(row, 'id = -9'), setRow(other, `id = ${row}`), setRow(-9, `id = ${other}`)];
    return { what: 'swapped rows', sql, from: row, to: other };
  },
  (batch, next, draw) => {
    const { first, last } = batch;
    const at = draw(last - first + 1) * 43;
    const sets = [
      `hash = '${OTHER}'`,
      `previous = '${OTHER}'`,
      `digests = SUBSTR(digests, 1, ${at}) || '${OTHER}' || SUBSTR(digests, ${at + 44})`,
      'digests = SUBSTR(digests, 44)',
      'first = first + 1',
      'last = last - 1',
      'last = last + 1',
    ];
    const set = sets[draw(sets.length)] ?? '';
    // Where the next batch has a single row that the changed seal takes in, the one after it does not continue it.
    return { what: `changed seal: ${set}`, sql: [setSeal(batch, set)], from: first, to: next.last + 1 };
  },
  ({ first, last }) => ({
    what: 'removed seal',
    sql: [`DELETE FROM audit_seal WHERE first = ${first}`],
    from: first,
    to: last,
  }),
  ({ first, last }, next) => ({
    what: 'removed seal with its rows',
    sql: [`DELETE FROM audit_seal WHERE first = ${first}`, `DELETE FROM audit WHERE id BETWEEN ${first} AND ${last}`],
    from: next.first,
    to: next.first,
  }),
];

/** Plans changes of all kinds in turn. The batches of 2 changes are at least 3 apart, and the last 2 batches stay unchanged. */
export const plantedChanges = (
  batches: readonly SealedBatch[],
  count: number,
  draw: Draw,
  firstKind = 0,
): readonly PlantedChange[] => {
  const places = batches.slice(0, -2).flatMap(({ first, last }, at) => (last > first + 2 ? [at] : []));
  const taken = new Set<number>();
  const changes: PlantedChange[] = [];
  while (changes.length < count) {
    const at = places[draw(places.length)] ?? 0;
    if ([-2, -1, 0, 1, 2].some((step) => taken.has(at + step))) continue;
    taken.add(at);
    const [batch, next] = batches.slice(at, at + 2);
    const kind = KINDS[(firstKind + changes.length) % KINDS.length];
    if (batch === undefined || next === undefined || kind === undefined) throw new TypeError('there is no such batch');
    changes.push(kind(batch, next, draw));
  }
  return changes;
};
