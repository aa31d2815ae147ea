import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const STORE = 'packages/store/src';
/** They make tables, and keep account of that in one. */
const MAY_NAME_TABLES = new Set(['migrate.ts']);

const sourcesIn = (folder) => readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));

/** The tables that the migrations make. */
const tablesOf = (root) => {
  const folder = join(root, STORE, 'migrations');
  const texts = sourcesIn(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  return [...new Set(texts.flatMap((text) => [...text.matchAll(/CREATE TABLE (\w+)/g)].map(([, name]) => name)))];
};

/**
 * Statements that stand beside a driver, where only one database finds them (OPS-02): a text there that reads or writes a
 * table of ours belongs into `sql/`.
 */
export const misplacedStatements = (root, tables = tablesOf(root)) =>
  ['sqlite', 'postgres'].flatMap((database) => {
    const folder = join(root, STORE, database);
    let names;
    try {
      names = sourcesIn(folder);
    } catch {
      return [];
    }
    return names
      .filter((name) => !MAY_NAME_TABLES.has(name))
      .flatMap((name) => {
        const text = readFileSync(join(folder, name), 'utf8');
        return tables
          .filter((table) => new RegExp(`\\b(?:FROM|INTO|JOIN|UPDATE|TABLE)\\s+${table}\\b`).test(text))
          .map(
            (table) => `${STORE}/${database}/${name} names the table ${table}; statements belong into sql/ (OPS-02).`,
          );
      });
  });
