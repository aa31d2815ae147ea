import { hashesOf, type SealedBatch } from '../../chain/sealed-batch.ts';
import { detailHashOfText, type TrailRow } from '../../chain/seals.ts';
import { all, first, run, statement, type Verb } from '../verbs/verb.ts';
import type { StoredTrailRow } from './audit-rows.ts';

type BatchRow = readonly [first: number, last: number, previous: string, hash: string, digests: string];

const COLUMNS = 'first, last, previous, hash, digests';

const insert = statement(`INSERT INTO audit_seal (${COLUMNS}) VALUES (?, ?, ?, ?, ?)`);
/** Batches do not overlap, so only the last batch that begins before a position can cover it. */
const selectBetween = statement<BatchRow>(
  `SELECT ${COLUMNS} FROM audit_seal
   WHERE first >= COALESCE((SELECT MAX(first) FROM audit_seal WHERE first <= ?), 0) AND first <= ? AND last >= ?
   ORDER BY first LIMIT ?`,
);
const selectBefore = statement<BatchRow>(
  `SELECT ${COLUMNS} FROM audit_seal WHERE first < ? ORDER BY first DESC LIMIT 1`,
);
const selectEnd = statement<[hash: string]>(
  'SELECT hash FROM audit_seal WHERE first <= ? AND last = ? ORDER BY first DESC LIMIT 1',
);
const remove = statement(
  `DELETE FROM audit_seal WHERE first = {once}(SELECT first FROM audit_seal WHERE first <= ? AND last <= ? ORDER BY first LIMIT ?){end}`,
);

const batchFrom = ([first, last, previous, hash, digests]: BatchRow): SealedBatch => {
  return { first, last, previous, hash, digests };
};

export function* addBatch({ first, last, previous, hash, digests }: SealedBatch): Verb<void> {
  yield* run(insert, first, last, previous, hash, digests);
}

/** The batches that cover any position of a range, in their order. */
export function* batchesBetween(from: number, to: number, limit: number): Verb<readonly SealedBatch[]> {
  return (yield* all(selectBetween, from, to, from, limit)).map(batchFrom);
}

/** The hash of the last sealed row before a position. */
export function* hashBefore(position: number): Verb<string | undefined> {
  const row = yield* first(selectBefore, position);
  if (row === undefined) return undefined;
  const batch = batchFrom(row);
  return batch.last < position ? batch.hash : hashesOf(batch)(position - 1);
}

/** The hash of a row that ends a batch. */
export function* hashOfEnd(position: number): Verb<string | undefined> {
  return (yield* first(selectEnd, position, position))?.[0];
}

/** Deletes batches that end at a position or before it, up to a limit. */
export function* removeBatches(upTo: number, limit: number): Verb<void> {
  yield* run(remove, upTo, upTo, limit);
}

/** The hash of the stored detail, or the hash that an erasure left. */
export const detailHashOfRow = ({ detailText, salt = '', detailHash }: StoredTrailRow): string | undefined =>
  detailHash ?? (detailText === undefined ? undefined : detailHashOfText(detailText, salt));

const BATCHES_AT_ONCE = 50;

/** Adds the seals to rows, which are in the order of their positions. */
export function* withSeals(rows: readonly StoredTrailRow[]): Verb<readonly TrailRow[]> {
  const upTo = rows.at(-1)?.position ?? 0;
  const found: TrailRow[] = [];
  let batches: readonly SealedBatch[] = [];
  let isMore = true;
  let current: SealedBatch | undefined;
  let hashAt: ReturnType<typeof hashesOf> = () => undefined;
  for (const row of rows) {
    if (current === undefined || current.last < row.position) {
      current = batches.find(({ last }) => last >= row.position);
      if (current === undefined && isMore) {
        batches = yield* batchesBetween(row.position, upTo, BATCHES_AT_ONCE);
        isMore = batches.length === BATCHES_AT_ONCE;
        current = batches.find(({ last }) => last >= row.position);
      }
      if (current !== undefined) hashAt = hashesOf(current);
    }
    found.push(sealedBy(row, current?.last === row.position ? current.hash : hashAt(row.position)));
  }
  return found;
}

const sealedBy = (row: StoredTrailRow, hash: string | undefined): TrailRow => {
  const { id, position, event, salt } = row;
  if (hash === undefined) return { id, position, event };
  const detailHash = detailHashOfRow(row);
  return {
    id,
    position,
    event,
    seal: { hash, ...(salt !== undefined && { salt }), ...(detailHash !== undefined && { detailHash }) },
  };
};
