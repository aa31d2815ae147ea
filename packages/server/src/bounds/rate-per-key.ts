import type { Clock } from '@assent/engine';
import { LRUCache } from 'lru-cache';

export interface Rate {
  /** How many may come at once. */
  readonly burst: number;
  /** How many more with every second. */
  readonly perSecond: number;
}

interface Bucket {
  left: number;
  at: number;
}

/** Whoever is not among so many that came last has used nothing up. */
const MAX_KEYS = 10_000;

/**
 * How much each of many may do, as this instance alone sees it and keeps it in memory (REL-14): for what is only dear to the server, since
 * a start anew, and another instance, give all of it again. What would pay a guesser is counted in the database.
 */
export class RatePerKey {
  readonly #rate: Rate;
  readonly #clock: Clock;
  readonly #buckets = new LRUCache<string, Bucket>({ max: MAX_KEYS });

  constructor(rate: Rate, clock: Clock) {
    this.#rate = rate;
    this.#clock = clock;
  }

  /** In how many whole seconds one more may come; 0 where it may now. */
  wait(key: string): number {
    const left = this.#bucket(key)?.left ?? this.#rate.burst;
    return left >= 1 ? 0 : Math.ceil((1 - left) / this.#rate.perSecond);
  }

  take(key: string): void {
    const bucket = this.#bucket(key) ?? { left: this.#rate.burst, at: this.#clock.now() };
    bucket.left = Math.max(0, bucket.left - 1);
    this.#buckets.set(key, bucket);
  }

  /** One that was taken came to a good end. */
  giveBack(key: string): void {
    const bucket = this.#bucket(key);
    if (bucket !== undefined) bucket.left = Math.min(this.#rate.burst, bucket.left + 1);
  }

  /** As it has filled up by now. */
  #bucket(key: string): Bucket | undefined {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return undefined;
    const now = this.#clock.now();
    // A clock that was set back fills nothing.
    const gained = (Math.max(0, now - bucket.at) / 1_000) * this.#rate.perSecond;
    bucket.left = Math.min(this.#rate.burst, bucket.left + gained);
    bucket.at = now;
    return bucket;
  }
}
