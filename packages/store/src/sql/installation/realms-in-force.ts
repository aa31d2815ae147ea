import { REALM_LASTS } from '../verbs/conditions.ts';
import { type CreatedIn, defineChanges, type VerbsOf } from '../verbs/define-changes.ts';
import { first, statement, type Verb } from '../verbs/verb.ts';

/** The row stays as it is until the commit ends: PostgreSQL has locked it before, in the order of all commits (locks.ts). */
const selectUsable = statement(`SELECT 1 FROM realm WHERE path = ? AND ({off}) IS NOT TRUE AND ${REALM_LASTS}`);

type OffRow = readonly [realm: string];

const selectOff = statement<OffRow>('SELECT path FROM realm WHERE path = ? AND {off}');
const offOfRow = (table: string, key: string) =>
  statement<OffRow>(`SELECT path FROM realm WHERE path = (SELECT realm FROM ${table} WHERE ${key} = ?) AND {off}`);
const selectOffOfRow = {
  push_message: offOfRow('push_message', 'id'),
  oauth_grant: offOfRow('oauth_grant', 'id'),
  oauth_pending: offOfRow('oauth_pending', 'id_hash'),
} as const;

/** The realm where something is created, if that realm is switched off. */
export function* offRealm(created: CreatedIn): Verb<string | undefined> {
  const found =
    'realm' in created
      ? yield* first(selectOff, created.realm)
      : yield* first(selectOffOfRow[created.table], created.id);
  return found?.[0];
}

export const REALM_CHANGES = defineChanges({
  'realm.usable': {
    tables: ['realm', 'leaving_realm'],
    // It waits for no other change of its commit, because a commit changes realms before it uses them.
    rows: () => [],
    creates: 'nothing',
    locks: ({ realm }) => ({ realms: [realm] }),
    freesPlainText: false,
  },
});

export const realmsInForceTopic = () => ({
  changes: {
    *'realm.usable'({ realm }) {
      return (yield* first(selectUsable, realm, realm)) !== undefined;
    },
  } satisfies VerbsOf<typeof REALM_CHANGES>,
});
