import type { AuthenticatorMetadataReader } from '@assent/factors';
import { defineChanges, type VerbsOf } from '../verbs/define-changes.ts';
import { all, first, type ReadVerbs, run, statement } from '../verbs/verb.ts';

type Head = readonly [place: number, source: string, edition: number, nextUpdate: number, readAt: number];

const select = statement<[...Head, models: string]>(
  `SELECT place, source, edition, next_update, read_at, models FROM authenticator_metadata WHERE realm = ? AND place = ?`,
);
const selectRealm = statement<Head>(
  `SELECT place, source, edition, next_update, read_at FROM authenticator_metadata WHERE realm = ? ORDER BY place`,
);
const keep = statement(
  `INSERT INTO authenticator_metadata (realm, place, source, edition, next_update, read_at, models)
   VALUES (?, ?, ?, ?, ?, ?, ?)
   ON CONFLICT (realm, place) DO UPDATE SET source = excluded.source, edition = excluded.edition,
     next_update = excluded.next_update, read_at = excluded.read_at, models = excluded.models
   WHERE authenticator_metadata.source <> excluded.source OR authenticator_metadata.edition <= excluded.edition`,
);
const deleteRealm = statement('DELETE FROM authenticator_metadata WHERE realm = ?');

const headOf = (realm: string, [place, source, no, nextUpdate, readAt]: Head) => ({
  realm,
  place,
  source,
  no,
  nextUpdate,
  readAt,
});

export const METADATA_CHANGES = defineChanges({
  'metadata.keep': { tables: ['authenticator_metadata'], creates: 'nothing' },
});

export const authenticatorMetadataTopic = () => ({
  reader: {
    *get(realm, place) {
      const row = yield* first(select, realm, place);
      if (row === undefined) return undefined;
      const [at, source, edition, nextUpdate, readAt, models] = row;
      return { ...headOf(realm, [at, source, edition, nextUpdate, readAt]), models };
    },
    *ofRealm(realm) {
      return (yield* all(selectRealm, realm)).map((row) => headOf(realm, row));
    },
  } satisfies ReadVerbs<AuthenticatorMetadataReader>,
  changes: {
    *'metadata.keep'({ row: { realm, place, source, no, nextUpdate, readAt, models } }) {
      return (yield* run(keep, realm, place, source, no, nextUpdate, readAt, models)) === 1;
    },
  } satisfies VerbsOf<typeof METADATA_CHANGES>,
  *deleteRealm(realm: string) {
    return yield* run(deleteRealm, realm);
  },
});
