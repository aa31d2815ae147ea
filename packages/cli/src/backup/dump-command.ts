/** A word as a shell takes it. */
const quoted = (word: string): string => (/^[\w./:@=?&%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** For the programs of PostgreSQL; without a password, for which they ask. */
const placeOf = (databaseUrl: string): string => {
  const url = new URL(databaseUrl);
  url.password = '';
  return quoted(url.href);
};

/** What makes a backup of a PostgreSQL database. */
export const dumpCommand = (databaseUrl: string, file: string): string =>
  `pg_dump -Fc --no-owner --file ${quoted(file)} ${placeOf(databaseUrl)}`;

/** What puts it back in the place of what is there. */
export const putBackCommand = (databaseUrl: string, file: string): string =>
  `pg_restore --clean --if-exists --no-owner --dbname ${placeOf(databaseUrl)} ${quoted(file)}`;
