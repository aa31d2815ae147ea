import type { Store } from '@assent/store';
import { toPublishedTree } from './shipped-journey.ts';
import { shippedJourneys } from './shipped-journeys.ts';

/** Puts our journeys and the push service with the built-in relay into a realm; what is there already stays. */
export const equipRealm = async (store: Store, realm: string): Promise<void> => {
  const { trees, services } = await store.configuration.load();
  const has = (name: string) => trees.some((tree) => tree.realm === realm && tree.name === name);
  for (const journey of shippedJourneys) {
    if (!has(journey.name)) await store.configuration.publishTree(toPublishedTree(realm, journey));
  }
  if (!services.some((service) => service.realm === realm && service.type === 'pushNotification')) {
    await store.configuration.saveService({ realm, type: 'pushNotification', config: { delegateFactory: 'relay' } });
  }
};
