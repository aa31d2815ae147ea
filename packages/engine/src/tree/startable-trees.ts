import type { PublishedTree, RealmSettings } from '../model/configuration.ts';

/**
 * Whether a realm lets callers start a journey. The default journey always can be started, and so can the journey of administrators in the root
 * realm: a list without them would lock users or administrators out.
 */
const isListed = ({ realm, startableJourneys, defaultTree, adminTree }: RealmSettings, name: string): boolean =>
  startableJourneys.length === 0 ||
  startableJourneys.includes(name) ||
  name === defaultTree ||
  (realm === '/' && name === adminTree);

/** Whether callers may run a tree in any way: start it, answer a back channel by it, or go on with a journey through it. */
export const mayRun = (realm: RealmSettings, published: PublishedTree | undefined): published is PublishedTree =>
  published?.tree.enabled === true && !published.tree.innerTreeOnly && isListed(realm, published.name);

/** Whether a caller may start the tree, by any way there is: `service`, a class of sign-in, headers, a page (SEC-85). */
export const isStartable = (realm: RealmSettings, published: PublishedTree): boolean =>
  mayRun(realm, published) && !published.tree.transactionalOnly;
