import type { ColumnValue } from '../../sql/verbs/verb.ts';
import { driverFor, openDatabase } from '../../sqlite/driver.ts';
import type { ReadTables } from './places-of-text.ts';

/** What is in a file of SQLite, read beside the store that has it open, by a connection that is kept. */
export const tablesOfFile = (file: string): ReadTables => {
  let opened: ReturnType<typeof openDatabase> | undefined;
  const read = async <R extends readonly ColumnValue[]>(sql: string): Promise<readonly R[]> => {
    opened ??= openDatabase(file, driverFor(process.versions.node));
    return (await opened).prepare<R>(sql).all();
  };
  return {
    tables: async () => (await read<[string]>("SELECT name FROM sqlite_master WHERE type = 'table'")).map(([it]) => it),
    rows: (table) => read(`SELECT * FROM ${table}`),
  };
};
