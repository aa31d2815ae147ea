/** What versions from before the baseline (ADR 140) have written about their schema: as many rows as they had migrations, 39 at the end. */
export const developmentSchema = (migrations: number): readonly string[] => [
  'CREATE TABLE schema_migration (version BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)',
  'CREATE TABLE schema_floor (id BIGINT PRIMARY KEY, version BIGINT NOT NULL, lives_with BIGINT NOT NULL)',
  `INSERT INTO schema_floor (id, version, lives_with) VALUES (1, ${migrations}, 17)`,
  `INSERT INTO schema_migration (version, name, checksum)
    VALUES (1, 'first tables', 'febfdb53c7224f6988dfb461754df67ecd984b33fdb20a219c81053dc5ae2f3a')`,
  ...Array.from(
    { length: migrations - 1 },
    (_, at) => `INSERT INTO schema_migration (version, name, checksum) VALUES (${at + 2}, 'later', 'other')`,
  ),
];

/** One sentence, with what to do. */
export const DEVELOPMENT_REFUSAL =
  /^The database was made by a development version[^.]*`assent export realm FILE --users`[^.]*`assent import realm FILE --users`\)\.$/;
