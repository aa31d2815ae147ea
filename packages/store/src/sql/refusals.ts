import { REFUSED_BY_SIZE, type Refusal, refusedByRealm } from '../ports/apply-changes.ts';
import type { StoreChange } from '../ports/store.ts';
import { realmThatRefuses } from './installation/realms-in-force.ts';
import { makesUserTooLarge } from './people/identities.ts';
import type { Verb } from './verbs/verb.ts';

/** Why a change was refused, where its own condition was not the cause. Asked after a refusal only, in the same transaction. */
export function* causeOfRefusal(change: StoreChange): Verb<Refusal | undefined> {
  const realm = yield* realmThatRefuses(change);
  if (realm !== undefined) return refusedByRealm(realm);
  return (yield* makesUserTooLarge(change)) ? REFUSED_BY_SIZE : undefined;
}
