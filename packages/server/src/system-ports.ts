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
