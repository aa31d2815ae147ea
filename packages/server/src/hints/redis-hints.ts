import type { Random } from '@assent/engine';
import type { HintBus, LocalHints } from '@assent/push';
import { newOrigin, readHintMessage, WaitingKeys, writeHintMessage } from './hint-message.ts';
import { connectToRedis, type RedisAddress, type RedisConnection } from './redis-connection.ts';

export interface RedisHintsOptions {
  readonly address: RedisAddress;
  /** What waits in this process. */
  readonly local: LocalHints;
  readonly random: Pick<Random, 'bytes'>;
  /** Runs `action` once after so many milliseconds. */
  after(millis: number, action: () => void): () => void;
  /** Calls `action` every so many milliseconds; the result ends that. */
  every(millis: number, action: () => void): () => void;
  /** So many hints came from another instance. */
  readonly onReceived?: (count: number) => void;
  /** The bus is gone, or there again; each comes once in a row. */
  onLost(cause: unknown): void;
  onBack(): void;
  /** `connectToRedis` where absent. */
  readonly connect?: typeof connectToRedis;
}

/** The bus of several instances. */
export interface RedisHints extends HintBus {
  /** Whether hints of other instances arrive here; asked at each turn of the look-up, which does their work where they do not. */
  isHeard(): boolean;
  close(): void;
}

/** Keys of so many milliseconds go in one message. */
const COLLECT_MILLIS = 2;
const BEAT_MILLIS = 1_000;
/** Beats that may come back late before the bus counts as gone. */
const BEATS_TO_WAIT = 1;
/** Beats without an echo after which the connections are made anew: they may be open, and lead nowhere. */
const BEATS_TO_KEEP = 5;
/** As many turns as the look-up needs for all of its keys. */
const TURNS_TO_LOOK = 4;

/**
 * Hints that go to all instances by way of a Redis (OPS-38). A Redis that is gone, stopped, full or something else altogether is told by one
 * sign: what this instance publishes does not come back to it. Until it does, and a moment longer, the look-up finds what it would have
 * told (OPS-40).
 */
export const redisHints = (options: RedisHintsOptions): RedisHints => {
  const { address, local, random, after, every, onReceived, onLost, onBack, connect = connectToRedis } = options;
  const origin = newOrigin(random);
  const waiting = new WaitingKeys();
  let connection: RedisConnection | undefined;
  let isConnecting = false;
  let isClosed = false;
  let isCollecting = false;
  let isSending = false;
  /** Beats that have not come back. */
  let unheard = 0;
  let toLook = TURNS_TO_LOOK;
  /** Undefined until there is a first sign of the one or the other. */
  let isHearing: boolean | undefined;
  let cause: unknown;

  const note = (hears: boolean): void => {
    if (hears === isHearing) return;
    isHearing = hears;
    if (hears) onBack();
    else onLost(cause);
  };

  const onMessage = (text: string): void => {
    const message = readHintMessage(text);
    if (message === undefined) return;
    if (message.origin === origin) {
      unheard = 0;
      note(true);
      return;
    }
    if (message.wasLost) toLook = TURNS_TO_LOOK;
    onReceived?.(message.keys.length);
    for (const key of message.keys) local.publish(key);
  };

  const drop = (why: unknown): void => {
    cause = why;
    connection?.close();
    connection = undefined;
  };
  const open = async (): Promise<void> => {
    if (isConnecting || isClosed) return;
    isConnecting = true;
    try {
      const made = await connect(address, onMessage, (why) => drop(why));
      if (isClosed) made.close();
      else connection = made;
      send(true);
    } catch (why) {
      cause = why;
    } finally {
      isConnecting = false;
    }
  };

  /** One message at a time: behind a slow Redis keys wait here, where they are counted. */
  const send = (isBeat: boolean): void => {
    isCollecting = false;
    if (isSending || connection === undefined || (waiting.isEmpty && !isBeat)) return;
    isSending = true;
    connection
      .publish(writeHintMessage({ origin, ...waiting.take() }))
      .catch((why: unknown) => {
        waiting.noteLoss();
        cause = why;
      })
      .finally(() => {
        isSending = false;
        if (!waiting.isEmpty && connection !== undefined) collect();
      });
  };
  const collect = (): void => {
    if (isCollecting || isSending) return;
    isCollecting = true;
    after(COLLECT_MILLIS, () => send(false));
  };

  const endBeats = every(BEAT_MILLIS, () => {
    unheard += 1;
    if (unheard > BEATS_TO_WAIT) note(false);
    if (unheard > BEATS_TO_KEEP) {
      unheard = BEATS_TO_WAIT + 1;
      drop(cause ?? new Error('Redis does not pass on what is published.'));
    }
    if (connection === undefined) void open();
    else send(true);
  });
  void open();

  return {
    publish(key, committed) {
      local.publish(key, committed);
      waiting.add(key);
      collect();
    },
    subscribe: local.subscribe,
    isHeard() {
      if (isHearing !== true) toLook = TURNS_TO_LOOK;
      else if (toLook > 0) toLook -= 1;
      else return true;
      return false;
    },
    close() {
      isClosed = true;
      endBeats();
      drop(undefined);
    },
  };
};
