import type { StoreChange } from '../../ports/store.ts';
import { type CreatedIn, createdIn } from '../../rules/created-in-realm.ts';
import { REALM_LASTS } from '../verbs/conditions.ts';
import { type ChangeVerbs, first, statement, type Verb } from '../verbs/verb.ts';

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

function* offRealm(created: CreatedIn): Verb<string | undefined> {
  const found =
    'realm' in created
      ? yield* first(selectOff, created.realm)
      : yield* first(selectOffOfRow[created.table], created.id);
  return found?.[0];
}

/** The realm that a change was refused for; undefined where something else refused it. Asked after a refusal only. */
export function* realmThatRefuses(change: StoreChange): Verb<string | undefined> {
  if (change.type === 'realm.usable') return change.realm;
  const created = createdIn(change);
  return created === undefined ? undefined : yield* offRealm(created);
}

export const realmsInForceTopic = () => ({
  changes: {
    *'realm.usable'({ realm }) {
      return (yield* first(selectUsable, realm, realm)) !== undefined;
    },
  } satisfies ChangeVerbs<'realm.usable'>,
});
