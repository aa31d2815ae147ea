import type { RealmSettings } from '@assent/engine';
import type { ConfigurationChange } from '@assent/engine/host';
import { type ConfigurationActor, eventBy } from './configuration-actor.ts';
import type { Decision } from './configuration-writes.ts';

/** What a realm begins with; all of it is of that realm. */
export type RealmEquipment = Required<Pick<ConfigurationChange, 'putNodes' | 'publishTrees' | 'putServices'>>;

/** A realm with all that it begins with, or not at all, and its row of the audit trail (SEC-80). */
export const createdRealm = (
  settings: RealmSettings,
  equipment: RealmEquipment,
  actor: ConfigurationActor,
): Decision => ({
  change: { createRealm: settings, ...equipment },
  events: [eventBy(actor, { event: 'REALM_CREATE', realm: settings.realm, outcome: settings.realm })],
});

/** A realm that goes with everything that belongs to it. */
export const deletedRealm = (realm: string, actor: ConfigurationActor): Decision => ({
  change: { deleteRealm: realm },
  events: [eventBy(actor, { event: 'REALM_DELETE', realm, outcome: realm })],
});
