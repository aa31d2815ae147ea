/** A word as a shell takes it. */
const quoted = (word: string): string => (/^[\w./:@=?&%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** The program of PostgreSQL that makes a backup; the password of a URL is in none of it, and is asked for. */
export const dumpCommand = (databaseUrl: string, file: string): string => {
  const url = new URL(databaseUrl);
  url.password = '';
  return `pg_dump -Fc --no-owner --file ${quoted(file)} ${quoted(url.href)}`;
};
