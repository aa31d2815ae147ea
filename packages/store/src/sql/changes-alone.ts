import type { Random } from '@assent/engine';
import { createSealer, type DataKey } from '../sealing/sealer.ts';
import { createTopics, type TopicOptions } from './topics.ts';
import { nothingKept } from './verbs/row-cache.ts';

/** The verbs of changes for whoever works on a database that nobody serves on: nothing of it is cached, and nobody waits for what is sent. */
export const changesAlone = (keys: readonly DataKey[], random: Random, audit: TopicOptions['audit']) =>
  createTopics({
    sealer: createSealer(keys, random, () => undefined),
    random,
    outboxWatch: { note: () => undefined },
    audit,
    messageRetentionMillis: 0,
    caches: { steps: nothingKept(), requests: nothingKept(), openings: nothingKept() },
  }).changes;
