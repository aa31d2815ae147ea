import type { RealmEquipment } from '@assent/engine/host';
import { PROVIDER_TYPE } from '@assent/wire';
import { toPublishedTree } from './shipped-journey.ts';
import { shippedJourneys } from './shipped-journeys.ts';

/** Which of our journeys an application means that asks for a kind of sign-in (spec: oidc §3.4). */
const LOA_MAPPING = { push: 'PushLogin', password: 'Login' };

/**
 * What a realm begins with: our journeys, the push service with the built-in relay, and a provider whose applications can ask for those
 * journeys.
 */
export const equipmentOf = (realm: string): RealmEquipment => ({
  trees: shippedJourneys.map((journey) => toPublishedTree(realm, journey)),
  services: [
    { realm, type: 'pushNotification', config: { delegateFactory: 'relay' } },
    { realm, type: PROVIDER_TYPE._id, config: { advancedOIDCConfig: { loaMapping: LOA_MAPPING } } },
  ],
});
