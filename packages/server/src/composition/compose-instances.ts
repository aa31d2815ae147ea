import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { InstanceWatch } from '../instances/instance-watch.ts';
import { sharedFacts } from '../instances/shared-facts.ts';
import { PRODUCT } from '../platform/product.ts';
import type { Foundation } from './compose-foundation.ts';

/** This server among those that share its store. */
export const composeInstances = async (foundation: Foundation): Promise<InstanceWatch> => {
  const { store, settings, instance, processId, configuration, clock, log } = foundation;
  const key = await store.secrets.getOrCreate('instance-facts-key', () => randomBytes(32));
  const self = {
    name: instance,
    processId,
    host: hostname(),
    version: PRODUCT.version,
    startedAt: clock.now(),
    facts: await sharedFacts(settings, { key, directory: process.cwd() }),
  };
  return new InstanceWatch({ instances: store.instances, self, configuration, clock, log });
};
