import { type BudgetRow, budgetOf, judge, type Verdict } from './budget.ts';
import type { Spread } from './statistics.ts';

/** A measured row of the budget. */
export interface Result {
  readonly id: string;
  readonly store: string;
  readonly value: Spread;
  readonly note: string;
  /** What else was seen, for the file. */
  readonly details: Readonly<Record<string, unknown>>;
}

export interface JudgedResult extends Result {
  readonly budget: BudgetRow;
  readonly verdict: Verdict;
}

export const judged = (result: Result): JudgedResult => {
  const budget = budgetOf(result.id);
  return { ...result, budget, verdict: judge(budget, result.value.median) };
};

const number = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(2));

/** Columns that are as wide as what is in them; the first two hold text, the others end at the right. */
export const formatTable = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => [...(row[column] ?? '')].length)));
  const last = widths.length - 1;
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          return column < 2 || column === last ? cell.padEnd(width) : cell.padStart(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

export const resultTable = (results: readonly JudgedResult[]): string =>
  formatTable([
    ['what', 'store', 'measured', 'min', 'max', 'gate', 'aim', 'keeps', ''],
    ...results.map(({ id, store, value, note, budget, verdict }) => [
      `${id.split(' ')[0]} ${budget.what}`,
      store,
      `${number(value.median)} ${budget.gate.unit}`,
      number(value.min),
      number(value.max),
      number(budget.gate.amount),
      number(budget.aim.amount),
      verdict,
      note,
    ]),
  ]);
