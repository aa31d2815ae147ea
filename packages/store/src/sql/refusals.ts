import { REFUSED_BY_SIZE, type Refusal, refusedByRealm } from '../ports/apply-changes.ts';
import type { StoreChange } from '../ports/store.ts';
import { createdIn } from './all-changes.ts';
import { offRealm } from './installation/realms-in-force.ts';
import { makesUserTooLarge } from './people/identities.ts';
import type { Verb } from './verbs/verb.ts';

/** The realm that a change was refused for. Undefined where something else refused it. Asked after a refusal only. */
export function* realmThatRefuses(change: StoreChange): Verb<string | undefined> {
  if (change.type === 'realm.usable') return change.realm;
  const created = createdIn(change);
  return created === undefined ? undefined : yield* offRealm(created);
}

/** Why a change was refused, where its own condition was not the cause. Asked after a refusal only, in the same transaction. */
export function* causeOfRefusal(change: StoreChange): Verb<Refusal | undefined> {
  const realm = yield* realmThatRefuses(change);
  if (realm !== undefined) return refusedByRealm(realm);
  return (yield* makesUserTooLarge(change)) ? REFUSED_BY_SIZE : undefined;
}
