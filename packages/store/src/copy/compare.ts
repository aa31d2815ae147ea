import type pg from 'pg';
import type { ColumnValue, Row } from '../sql/verbs/verb.ts';
import type { Database } from '../sqlite/driver.ts';
import type { CopiedTable } from './copy-result.ts';
import { canonical, chained, type Difference, keyText, type Table } from './rows.ts';
import { type Batch, batchBehind, batchFrom } from './source.ts';
import { countOf, forgetCompared, noteCompared, type Progress, progressOf, readBack } from './target.ts';

/** A copy under way: its id, what it reads and what it writes. */
export interface UnderWay {
  readonly id: string;
  readonly db: Database;
  readonly client: pg.Client;
}

const MAX_DIFFERENCES = 20;

const keyOf = ({ columns, key }: Table, row: Row): readonly ColumnValue[] =>
  key.map((column) => row[columns.indexOf(column)] ?? null);

/** Where one row of a table differs, by the canonical form that each side has of it. */
const differenceOf = (table: Table, row: Row, wanted: string, there: string | undefined): readonly Difference[] => {
  if (there === wanted) return [];
  const problem = there === undefined ? 'is missing' : 'is another';
  return [{ table: table.name, key: keyText(table, keyOf(table, row)), problem }];
};

/** Rows of the source in their canonical form, and how those of the target that have their keys differ. */
const compareRows = (table: Table, rows: readonly Row[], copied: readonly Row[]) => {
  const found = new Map(copied.map((row) => [canonical(keyOf(table, row)), canonical(row)]));
  const forms = rows.map(canonical);
  const differences = rows.flatMap((row, at) =>
    differenceOf(table, row, forms[at] ?? '', found.get(canonical(keyOf(table, row)))),
  );
  return { forms, differences };
};

/** What of the number of rows is another, once all were compared. */
const differenceOfCount = async (client: pg.Client, table: Table, wanted: number): Promise<readonly Difference[]> => {
  const there = await countOf(client, table);
  return there === wanted ? [] : [{ table: table.name, problem: `has ${there} rows, and ought to have ${wanted}` }];
};

/**
 * Reads a table from both sides, by key, and compares row by row; what the target has beside that shows by the number of rows. How far it
 * has come is kept with what was found, so that it goes on after a break.
 */
const compareTable = async ({ id, db, client }: UnderWay, table: Table): Promise<Progress> => {
  let progress = await progressOf(client, id, table, 'compared');
  let batch: Batch | undefined = progress.isDone ? undefined : batchFrom(db, table, progress.after);
  while (batch !== undefined) {
    const { rows, after } = batch;
    const keys = rows.map((row) => keyOf(table, row));
    // While PostgreSQL looks for these, the next are read.
    const [copied, next]: [readonly Row[], Batch | undefined] = await Promise.all([
      readBack(client, table, keys),
      batchBehind(db, table, after),
    ]);
    const { forms, differences } = compareRows(table, rows, copied);
    const count = progress.rows + rows.length;
    const isDone = after === undefined;
    const found = [
      ...progress.differences,
      ...differences,
      ...(isDone ? await differenceOfCount(client, table, count) : []),
    ];
    progress = {
      after,
      isDone,
      rows: count,
      sha256: chained(progress.sha256, forms),
      differences: found.slice(0, MAX_DIFFERENCES),
    };
    await noteCompared(client, id, table, progress);
    batch = next;
  }
  return progress;
};

/** Compares all tables, or those that are left of a comparison that was broken off (OPS-63). `onSame`: a table is the same in both. */
export const compareAll = async (
  underWay: UnderWay,
  tables: readonly Table[],
  onSame: (table: CopiedTable) => void,
): Promise<{ readonly tables: readonly CopiedTable[]; readonly differences: readonly Difference[] }> => {
  const found: Difference[] = [];
  const compared: CopiedTable[] = [];
  for (const table of tables) {
    const { rows, sha256, differences } = await compareTable(underWay, table);
    const copied = { name: table.name, rows, sha256 };
    compared.push(copied);
    found.push(...differences);
    if (differences.length === 0) onSame(copied);
  }
  // What differs may be mended by somebody, and the rest spoilt meanwhile.
  if (found.length > 0) await forgetCompared(underWay.client, underWay.id);
  return { tables: compared, differences: found.slice(0, MAX_DIFFERENCES) };
};
