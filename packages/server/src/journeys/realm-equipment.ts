import { PROVIDER_TYPE } from '@assent/wire';
import type { RealmEquipment } from '../realms/realm-changes.ts';
import { toPublishedTree } from './shipped-journey.ts';
import { shippedJourneys } from './shipped-journeys.ts';

/** The journeys to kinds of sign-in that applications ask for: each proves its class on every path (SEC-85; spec: oidc §3.4). */
const LOA_MAPPING = { push: 'PushStepUp', password: 'Login', phr: 'PasskeyStepUp' };

/**
 * What a realm begins with: our journeys, the push service with the built-in relay, and a provider whose applications can ask for those
 * journeys.
 */
export const equipmentOf = (realm: string): RealmEquipment => {
  const publishTrees = shippedJourneys.map((journey) => toPublishedTree(realm, journey));
  return {
    publishTrees,
    putNodes: publishTrees.flatMap(({ nodes }) => Object.values(nodes).map((node) => ({ ...node, realm }))),
    putServices: [
      { realm, type: 'pushNotification', config: { delegateFactory: 'relay' } },
      { realm, type: PROVIDER_TYPE._id, config: { advancedOIDCConfig: { loaMapping: LOA_MAPPING } } },
    ],
  };
};
