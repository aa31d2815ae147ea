import type { ProofMethod, RealmSettings } from '@assent/engine';
import { isStartable, type PublishedTree, type TreeProofs, type TreeReading, treeProofs } from '@assent/engine/host';
import { testOfClass } from '@assent/oidc';

/** What an operator should know of the journeys that callers may start. */
interface StartableReview {
  /** Journeys that sign in users by less than the default journey asks for on its weakest path. */
  readonly weaker: readonly string[];
  /** Names in `startableJourneys` of journeys that cannot be started. */
  readonly unusable: readonly string[];
  /** Whether the journey of administrators signs in users without a role. */
  readonly signsInEverybody: boolean;
}

/** 0 without a factor, 1 for one, 2 for several as a password and a tap, 3 for those of the class `mfa`, 4 for one that resists phishing. */
const rankOf = (methods: ReadonlySet<ProofMethod>): number => {
  if (testOfClass('phr')?.(methods) === true) return 4;
  if (testOfClass('mfa')?.(methods) === true) return 3;
  return Math.min(methods.size, 2);
};

/** The rank of the weakest path to Success; none for a journey that never gets there. */
const weakestOf = (proofs: TreeProofs | undefined): number =>
  Math.min(...(proofs?.ways.map(rankOf) ?? []), Number.POSITIVE_INFINITY);

export const reviewStartable = (
  realm: RealmSettings,
  trees: readonly PublishedTree[],
  reading: TreeReading,
): StartableReview => {
  const proofs = treeProofs({ ...reading, trees });
  const startable = trees.filter((tree) => isStartable(realm, tree)).map(({ name }) => name);
  const least = weakestOf(proofs.get(realm.defaultTree));
  const isThere = proofs.has(realm.defaultTree);
  return {
    weaker: startable.filter((name) => isThere && weakestOf(proofs.get(name)) < least),
    unusable: realm.startableJourneys.filter((name) => !startable.includes(name)),
    signsInEverybody: proofs.get(realm.adminTree)?.needsRole === false,
  };
};
