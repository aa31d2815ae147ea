import { type HintBus, localHints } from '@assent/push';
import { lookUpChanges } from '../hints/look-up.ts';
import { type RedisHints, redisHints } from '../hints/redis-hints.ts';
import { after, every } from '../platform/system-ports.ts';
import type { Measures } from '../telemetry/measures.ts';
import type { Foundation } from './compose-foundation.ts';

/** What wakes those who wait, wherever that happened which they wait for. */
export interface ComposedHints {
  readonly bus: HintBus;
  /** Begins to hear what other instances do. */
  start(): void;
  stop(): void;
  /** Whether Redis passes them on; true where there is none, and the database is looked at instead. */
  isUp(): boolean;
}

/** Hints of this process; those of others by Redis, where there is one, and by looking, where it tells nothing (ADR 0066). */
export const composeHints = (
  { settings, store, random, log }: Foundation,
  { hints: counted }: Pick<Measures, 'hints'>,
): ComposedHints => {
  const local = localHints((cause) => log.error({ cause: cause }, 'A listener of a hint failed.'));
  const { redisUrl, redisPasswordFile } = settings;
  let redis: RedisHints | undefined;
  let isUp = redisUrl === undefined;
  let endLookUp = () => {};
  return {
    bus: {
      publish(key, committed) {
        counted.add(1, 'sent');
        (redis ?? local).publish(key, committed);
      },
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
          onReceived: (count) => counted.add(count, 'received'),
          onLost(cause) {
            isUp = false;
            log.warn(
              { cause: cause },
              'Redis passes on no hints: approvals show up to half a second later until it does.',
            );
          },
          onBack() {
            isUp = true;
            log.info('Redis passes on hints.');
          },
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
    isUp: () => isUp,
    stop() {
      endLookUp();
      redis?.close();
    },
  };
};
