import type { RealmSettings } from '@assent/engine';
import type { JsonObject } from '@assent/wire';
import { type ConfigurationActor, eventBy } from '../../realms/configuration-actor.ts';
import { contentRevision, type Decision } from '../../realms/configuration-writes.ts';
import { SERVICE_TYPES } from './service-types.ts';

interface ServiceToSave {
  readonly realm: string;
  readonly type: string;
  /** Absent where the realm has none. */
  readonly before: JsonObject | undefined;
  /** Absent where it is to go. */
  readonly after: JsonObject | undefined;
  /** Of a service that is kept among the settings of its realm: those, as they are, and as they are when it has gone. */
  readonly kept?: { readonly settings: RealmSettings; readonly fresh: RealmSettings };
}

/** A service as it is to be, and its row of the audit trail with the names of what differs (SEC-80); values may be secrets. */
export const savedService = (given: ServiceToSave, actor: ConfigurationActor): Decision => {
  const { realm, type, before, after } = given;
  const names = Object.keys(after ?? {});
  const changed = names.filter((name) => contentRevision([before?.[name]]) !== contentRevision([after?.[name]]));
  const event = after === undefined ? 'SERVICE_DELETE' : before === undefined ? 'SERVICE_CREATE' : 'SERVICE_UPDATE';
  return {
    change: changeOf(given),
    events: [eventBy(actor, { event, realm, outcome: type, detail: { changed: changed.join(',') } })],
  };
};

const changeOf = ({ realm, type, after, kept }: ServiceToSave): NonNullable<Decision['change']> => {
  const inRealm = SERVICE_TYPES.find(({ id }) => id === type)?.inRealm;
  if (inRealm !== undefined && kept !== undefined) {
    // Settings of the realm itself cannot be absent; they are those of a new realm then.
    const config = after ?? inRealm.read(kept.fresh);
    return { putRealm: { ...kept.settings, ...inRealm.write(config, kept.settings) } };
  }
  return after === undefined
    ? { deleteServices: [{ realm, type }] }
    : { putServices: [{ realm, type, config: after }] };
};
