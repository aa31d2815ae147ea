import { type HintBus, localHints } from '@assent/push';
import { lookUpChanges } from '../hints/look-up.ts';
import { type RedisHints, redisHints } from '../hints/redis-hints.ts';
import { after, every } from '../platform/system-ports.ts';
import type { Foundation } from './compose-foundation.ts';

/** What wakes those who wait, wherever that happened which they wait for. */
export interface ComposedHints {
  readonly bus: HintBus;
  /** Begins to hear what other instances do. */
  start(): void;
  stop(): void;
}

/** Hints of this process; those of others by Redis, where there is one, and by looking, where it tells nothing (ADR 0066). */
export const composeHints = ({ settings, store, random, log }: Foundation): ComposedHints => {
  const local = localHints((cause) => log.error({ cause: cause }, 'A listener of a hint failed.'));
  const { redisUrl, redisPasswordFile } = settings;
  let redis: RedisHints | undefined;
  let endLookUp = () => {};
  return {
    bus: {
      publish: (key, committed) => (redis ?? local).publish(key, committed),
      subscribe: local.subscribe,
    },
    start() {
      if (redisUrl !== undefined) {
        redis = redisHints({
          address: { url: redisUrl, passwordFile: redisPasswordFile },
          local,
          random,
          after,
          every,
          onLost: (cause) =>
            log.warn(
              { cause: cause },
              'Redis passes on no hints: approvals show up to half a second later until it does.',
            ),
          onBack: () => log.info('Redis passes on hints.'),
        });
      }
      endLookUp = lookUpChanges({
        hints: local,
        messages: store.messages,
        isDue: () => redis?.isHeard() !== true && store.mayHaveChangedElsewhere(),
        every,
        onError: (cause) => log.warn({ cause: cause }, 'What is waited for could not be looked up; it is tried again.'),
      });
    },
    stop() {
      endLookUp();
      redis?.close();
    },
  };
};
