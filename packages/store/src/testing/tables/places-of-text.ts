/** A database of which every row can be read, whatever it is of. */
export interface ReadTables {
  /** The names of all tables. */
  tables(): Promise<readonly string[]>;
  /** All columns of all rows. */
  rows(table: string): Promise<readonly object[]>;
}

/** Whether it stands in a value: in text in letters of either case, and in bytes as it is. */
const standsIn = (value: unknown, text: string): boolean =>
  value instanceof Uint8Array
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).includes(text)
    : String(value).toLowerCase().includes(text.toLowerCase());

/** Every table in whose rows one of the texts stands, as table and text; what is sealed shows none. */
export const placesOfText = async (
  { tables, rows }: ReadTables,
  texts: readonly string[],
): Promise<readonly string[]> => {
  const found = new Set<string>();
  for (const table of await tables()) {
    const values = (await rows(table)).flatMap((row) => Object.values(row));
    for (const text of texts) if (values.some((value) => standsIn(value, text))) found.add(`${table}: ${text}`);
  }
  return [...found].sort();
};
