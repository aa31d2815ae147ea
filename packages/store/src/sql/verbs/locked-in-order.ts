/** An array of PostgreSQL has one column: of a key with more, few rows have the first one. */
const among = (key: string, query: string): string =>
  key.includes(',') ? `(${key}) IN (${query})` : `${key} = {once}(${query}){end}`;

/**
 * Where a statement is for several rows: their keys, which are locked in one order before the statement takes any of them. A DELETE or an UPDATE
 * by itself takes rows in whatever order it finds them; whoever takes some of them in another would wait for it, and it for them (OPS-05).
 *
 * @param key the columns of the primary key; rows are locked in their order unless `order` says otherwise
 */
export const lockedInOrder = (table: string, key: string, where: string, order = key): string =>
  among(key, `SELECT ${key} FROM ${table} WHERE ${where} ORDER BY ${order} {lock}`);

/** At most so many of them, by what no change of a row touches: takes the values of the condition, and then how many. */
export const someLockedInOrder = (table: string, key: string, where: string, order = key): string =>
  lockedInOrder(table, key, among(key, `SELECT ${key} FROM ${table} WHERE ${where} LIMIT ?`), order);

/**
 * At most so many of them, by what another may change meanwhile, as one whose time is over: takes the values of the condition twice, and then how
 * many. What is not meant any more once it is locked is passed over.
 */
export const dueLockedInOrder = (table: string, key: string, where: string, order = key): string =>
  lockedInOrder(table, key, `${where} AND ${among(key, `SELECT ${key} FROM ${table} WHERE ${where} LIMIT ?`)}`, order);
