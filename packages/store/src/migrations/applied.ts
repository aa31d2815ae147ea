import { StoreRefused } from '../ports/store.ts';
import { checksumOf, type Migration } from './migration.ts';

/** A migration that a database has had. */
export type Applied = readonly [version: number, checksum: string];

/** Throws where the database was made, or changed, by another version of Assent than this one can live with. */
export const refuseForeign = (applied: readonly Applied[], known: readonly Migration[]): void => {
  for (const [version, checksum] of applied) {
    const migration = known.find((it) => it.version === version);
    if (migration === undefined) {
      throw new StoreRefused(
        `The database was made by a newer version of Assent (schema ${version}, this one knows ${known.length}). ` +
          'Start that version, or restore a backup made by this one.',
      );
    }
    if (checksumOf(migration) !== checksum) {
      throw new StoreRefused(
        `The database was changed by another migration ${version} than the one this version of Assent has. ` +
          'Start the version that made it, or restore a backup.',
      );
    }
  }
};
