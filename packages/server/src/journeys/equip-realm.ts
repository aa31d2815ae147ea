import type { Store } from '@assent/store';
import { PROVIDER_TYPE } from '@assent/wire';
import { toPublishedTree } from './shipped-journey.ts';
import { shippedJourneys } from './shipped-journeys.ts';

/** Which of our journeys an application means that asks for a kind of sign-in (spec: oidc §3.4). */
const LOA_MAPPING = { push: 'PushLogin', password: 'Login' };

/**
 * Puts our journeys, the push service with the built-in relay, and a provider whose applications can ask for those journeys into a realm; what
 * is there already stays.
 */
export const equipRealm = async (store: Store, realm: string): Promise<void> => {
  const { trees, services } = await store.configuration.load();
  const has = (name: string) => trees.some((tree) => tree.realm === realm && tree.name === name);
  for (const journey of shippedJourneys) {
    if (!has(journey.name)) await store.configuration.publishTree(toPublishedTree(realm, journey));
  }
  const ours = {
    pushNotification: { delegateFactory: 'relay' },
    [PROVIDER_TYPE._id]: { advancedOIDCConfig: { loaMapping: LOA_MAPPING } },
  };
  for (const [type, config] of Object.entries(ours)) {
    if (services.some((service) => service.realm === realm && service.type === type)) continue;
    await store.configuration.saveService({ realm, type, config });
  }
};
