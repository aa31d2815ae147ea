import type { Random } from '@assent/engine';
import { USUAL_RETENTION } from '../rules/retention.ts';
import { DataKeyRing } from '../sealing/data-key-ring.ts';
import { createSealer } from '../sealing/sealer.ts';
import { type MasterKeySource, MasterKeys, storedDataKeys } from './installation/data-keys.ts';
import { createTopics, type TopicOptions } from './topics.ts';
import { nothingKept } from './verbs/row-cache.ts';
import type { Verb } from './verbs/verb.ts';

/**
 * The verbs of changes for whoever works on a database that nobody serves on: nothing of it is cached, and nobody waits for what is sent. Throws
 * where the master key is another one.
 */
export function* changesAlone(
  masterKey: MasterKeySource,
  random: Random,
  audit: TopicOptions['audit'],
): Verb<ReturnType<typeof createTopics>['changes']> {
  const masterKeys = new MasterKeys(masterKey);
  const dataKeys = new DataKeyRing(yield* storedDataKeys(masterKeys));
  return createTopics({
    sealer: createSealer(dataKeys, random),
    dataKeys,
    masterKeys,
    random,
    outboxWatch: { note: () => undefined },
    audit,
    retention: USUAL_RETENTION,
    caches: { steps: nothingKept(), requests: nothingKept(), openings: nothingKept() },
  }).changes;
}
