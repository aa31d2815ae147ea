import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { Clock, Random } from '@assent/engine';

/** The clock of the machine. */
export const systemClock: Clock = { now: () => Date.now() };

/** Randomness of the operating system. */
export const systemRandom: Random = {
  bytes: (length) => randomBytes(length),
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
