/**
 * In what a limit is counted. `E` is the CPU time of one request to the bare echo of the same run, `floors` that of the same
 * journey on the floor server of the same run and store (docs/adr/0034), `theirs` that of the same login over `oidc-provider`, `apart`
 * that of the same login where instances share nothing, `drivers` that of its round trips by the driver alone (docs/adr/0081).
 */
export type Unit = 'E' | 'floors' | 'MB' | 'KiB' | 's' | 'ms' | 'writes' | 'reads' | 'theirs' | 'apart' | 'drivers';

export interface Limit {
  readonly amount: number;
  readonly unit: Unit;
}

export interface BudgetRow {
  readonly id: string;
  readonly what: string;
  readonly gate: Limit;
  readonly aim: Limit;
}

/** Reads `4.5 E`. */
const parseLimit = (text: string): Limit => {
  const [, amount, unit] =
    /^(\d+(?:\.\d+)?) (E|floors|MB|KiB|s|ms|writes|reads|theirs|apart|drivers)$/.exec(text.trim()) ?? [];
  if (amount === undefined || unit === undefined) throw new SyntaxError(`"${text.trim()}" is no limit.`);
  return { amount: Number(amount), unit: unit as Unit };
};

/** Reads lines of `id | what | gate | aim`. */
export const parseBudget = (table: string): ReadonlyMap<string, BudgetRow> => {
  const rows = new Map<string, BudgetRow>();
  for (const line of table.split('\n').filter((it) => it.trim() !== '')) {
    const [id = '', what = '', gate, aim, ...rest] = line.split('|').map((cell) => cell.trim());
    if (id === '' || gate === undefined || aim === undefined || rest.length > 0) {
      throw new SyntaxError(`"${line.trim()}" is no row of the budget.`);
    }
    if (rows.has(id)) throw new SyntaxError(`${id} is in the budget twice.`);
    const row = { id, what, gate: parseLimit(gate), aim: parseLimit(aim) };
    if (row.gate.unit !== row.aim.unit) throw new SyntaxError(`${id} has its gate and its aim in different units.`);
    rows.set(id, row);
  }
  return rows;
};
