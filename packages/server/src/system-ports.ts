import { randomBytes, randomFillSync, randomInt, randomUUID } from 'node:crypto';
import type { Clock, Random } from '@assent/engine';

/** The clock of the machine. */
export const systemClock: Clock = { now: () => Date.now() };

/** Random bytes drawn ahead: one call for many nonces and tokens. Each byte is handed out once, and wiped here. */
const DRAWN_AHEAD = 4_096;
const drawn = Buffer.alloc(DRAWN_AHEAD);
let used = DRAWN_AHEAD;

const drawBytes = (length: number): Uint8Array => {
  if (length > DRAWN_AHEAD / 16) return randomBytes(length);
  if (used + length > DRAWN_AHEAD) {
    randomFillSync(drawn);
    used = 0;
  }
  const bytes = Uint8Array.prototype.slice.call(drawn, used, used + length);
  drawn.fill(0, used, used + length);
  used += length;
  return bytes;
};

/** Randomness of the operating system. */
export const systemRandom: Random = {
  bytes: drawBytes,
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
