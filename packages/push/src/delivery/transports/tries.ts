import { setTimeout as pause } from 'node:timers/promises';
import type { Clock, Random } from '@assent/engine';
import type { DeliveryFailed } from '../push-transport.ts';

/** What tries at a provider stand on. */
export interface TriesOptions {
  readonly clock: Clock;
  readonly random: Pick<Random, 'int'>;
  /** Waits between tries; tests hand in one that does not. */
  readonly wait?: (millis: number) => Promise<unknown>;
  /** How long one try may take. */
  readonly tryMillis?: number;
}

/** How a failed try is reported, and whether another one may do better. */
export interface FailedTry {
  readonly failure: DeliveryFailed;
  readonly mayPass: boolean;
  /** For whoever administers the realm: it rings nobody until they look, at that setting where it is one. */
  readonly alarm?: { readonly setting?: string };
}

export const TRY_MILLIS = 5_000;
const ALL_TRIES_MILLIS = 10_000;
const MAX_TRIES = 3;

/**
 * At most three tries inside ten seconds; a refusal is not tried again (REL-07), and a provider that says when to come back is
 * asked no earlier (OPS-44). Never throws.
 */
export const inTries = async <T>(
  { clock, random, wait = pause, tryMillis = TRY_MILLIS }: TriesOptions,
  call: (signal: AbortSignal) => Promise<T>,
  judge: (error: unknown) => FailedTry,
): Promise<T | DeliveryFailed> => {
  const deadline = clock.now() + ALL_TRIES_MILLIS;
  for (let tries = 1; ; tries += 1) {
    try {
      const left = deadline - clock.now();
      return await call(AbortSignal.timeout(Math.max(1, Math.min(tryMillis, left))));
    } catch (error) {
      const { failure, mayPass } = judge(error);
      const delay = Math.max(100 * 2 ** tries + random.int(200), failure.retryAfterMillis ?? 0);
      if (tries >= MAX_TRIES || !mayPass || clock.now() + delay >= deadline) return failure;
      await wait(delay);
    }
  }
};
