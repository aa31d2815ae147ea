import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { Clock, Random } from '@assent/engine';

/** The clock of the machine. */
export const systemClock: Clock = { now: () => Date.now() };

/** Milliseconds since some moment, by a clock that nobody sets. */
export const elapsed = (): number => performance.now();

const POOL_BYTES = 4_096;
let pool = Buffer.alloc(0);
let used = 0;

/**
 * Bytes out of a pool that is fetched at once: a call for the eighteen of a nonce costs as much as one for all of these, 4 µs
 * of a step's 120. Each byte is handed out once, and wiped here.
 */
const pooledBytes = (length: number): Uint8Array => {
  if (length > POOL_BYTES) return randomBytes(length);
  if (used + length > pool.length) {
    pool = randomBytes(POOL_BYTES);
    used = 0;
  }
  const bytes = new Uint8Array(pool.subarray(used, used + length));
  pool.fill(0, used, used + length);
  used += length;
  return bytes;
};

/** Randomness of the operating system. */
export const systemRandom: Random = {
  bytes: pooledBytes,
  int: (maxExclusive) => randomInt(maxExclusive),
  uuid: () => randomUUID(),
};

/** Runs `action` once after so many milliseconds; the result takes it back. Keeps no process alive. */
export const after = (millis: number, action: () => void): (() => void) => {
  const timer = setTimeout(action, millis).unref();
  return () => clearTimeout(timer);
};

/** Runs `action` every so many milliseconds; the result ends that. Keeps no process alive. */
export const every = (millis: number, action: () => void): (() => void) => {
  const timer = setInterval(action, millis).unref();
  return () => clearInterval(timer);
};
