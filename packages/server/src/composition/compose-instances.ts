import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Store } from '@assent/store';
import { PUBLIC_URL_FACT } from '../instances/differences.ts';
import { InstanceWatch } from '../instances/instance-watch.ts';
import { sharedFacts } from '../instances/shared-facts.ts';
import { PRODUCT } from '../platform/product.ts';
import type { Settings } from '../settings/settings.ts';
import type { Foundation } from './compose-foundation.ts';

/** What a server with these settings that is started there tells of itself: others that share the store have it alike (OPS-31). */
export const factsAtStart = async (
  { secrets }: Pick<Store, 'secrets'>,
  settings: Settings,
  directory: string,
): Promise<Readonly<Record<string, string>>> =>
  sharedFacts(settings, { key: await secrets.getOrCreate('instance-facts-key', () => randomBytes(32)), directory });

/** This server among those that share its store. */
export const composeInstances = async (foundation: Foundation): Promise<InstanceWatch> => {
  const { store, settings, instance, processId, configuration, clock, log } = foundation;
  const self = {
    name: instance,
    processId,
    host: hostname(),
    version: PRODUCT.version,
    startedAt: clock.now(),
    facts: { ...(await factsAtStart(store, settings, process.cwd())), [PUBLIC_URL_FACT]: settings.publicUrl },
  };
  return new InstanceWatch({ instances: store.instances, self, configuration, keys: store.keys, clock, log });
};
