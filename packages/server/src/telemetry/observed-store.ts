import type { Committer } from '@assent/engine/host';
import type { Store } from '@assent/store';
import type { Measures } from './measures.ts';

/** What requests read by. */
const READERS = [
  'identities',
  'journeySessions',
  'sessions',
  'backChannels',
  'throttles',
  'audit',
  'devices',
  'oathDevices',
  'passkeys',
  'boundDevices',
  'authenticatorMetadata',
  'messages',
  'grants',
  'parkedRequests',
  'replays',
  'consents',
  'signingKeys',
  'pendingApprovals',
  'outbox',
  'proposals',
] as const satisfies readonly (keyof Store)[];

/** Runs a read, once and at once, and settles as it does. */
export type ObserveRead = (reader: string, run: () => unknown) => unknown;

const observedReader = <R extends object>(topic: string, reader: R, observe: ObserveRead): R => {
  const methods = reader as Record<string, (...given: readonly unknown[]) => unknown>;
  return Object.fromEntries(
    Object.keys(methods).map((name) => {
      const label = `${topic}.${name}`;
      return [name, (...given: readonly unknown[]) => observe(label, () => methods[name]?.(...given))];
    }),
  ) as R;
};

/** Counts reads by what is asked. */
export const readCounter =
  ({ storeReads }: Pick<Measures, 'storeReads'>): ObserveRead =>
  (reader, run) => {
    storeReads.add(1, reader);
    return run();
  };

/** The store as everybody but those who observe it sees it: each of its reads and commits passes by them. */
export const observedStore = (
  store: Store,
  { read, committer }: { readonly read: ObserveRead; readonly committer: (of: Committer) => Committer },
): Store => ({
  ...store,
  // Asked at each commit, as its methods are: who stands in for one of them later is asked, too.
  committer: committer({ commit: (changes) => store.committer.commit(changes) }),
  ...Object.fromEntries(READERS.map((topic) => [topic, observedReader(topic, store[topic], read)])),
});
