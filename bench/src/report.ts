import { budgetOf, judge, type Verdict } from './budget.ts';
import type { BudgetRow } from './budget-table.ts';
import type { Spread } from './statistics.ts';
import { formatTable } from './text-table.ts';

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
