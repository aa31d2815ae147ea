import { randomBytes, randomFillSync, randomInt } from 'node:crypto';
import type { Clock, Random } from '@assent/engine';

/** The clock of the machine. */
export const systemClock: Clock = { now: () => Date.now() };

/** Random bytes drawn ahead: one call for many nonces, tokens and ids. Each byte is handed out once, and wiped here. */
const DRAWN_AHEAD = 4_096;
const drawn = new Uint8Array(DRAWN_AHEAD);
let used = DRAWN_AHEAD;

/** Where the next so many bytes lie. */
const draw = (length: number): number => {
  if (used + length > DRAWN_AHEAD) {
    randomFillSync(drawn);
    used = 0;
  }
  used += length;
  return used - length;
};

const drawBytes = (length: number): Uint8Array => {
  if (length > DRAWN_AHEAD / 16) return randomBytes(length);
  const from = draw(length);
  const bytes = drawn.slice(from, used);
  drawn.fill(0, from, used);
  return bytes;
};

const UUID_BYTES = 16;
const HEX = Buffer.from('0123456789abcdef', 'latin1');
/** Where the UUID is put together, with its hyphens; nobody keeps it. */
const uuidText = Buffer.from('xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx', 'latin1');
const uuidPlaces = Uint8Array.from([0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34]);

/** RFC 9562 §5.4. That of Node is a text in twenty pieces, which whoever looks it up or writes it puts together first. */
const drawUuid = (): string => {
  const from = draw(UUID_BYTES);
  for (let at = 0; at < UUID_BYTES; at += 1) {
    const byte = drawn[from + at] ?? 0;
    const versioned = at === 6 ? (byte & 0x0f) | 0x40 : at === 8 ? (byte & 0x3f) | 0x80 : byte;
    const place = uuidPlaces[at] ?? 0;
    uuidText[place] = HEX[versioned >> 4] ?? 0;
    uuidText[place + 1] = HEX[versioned & 0x0f] ?? 0;
  }
  drawn.fill(0, from, used);
  return uuidText.toString('latin1');
};

/** Randomness of the operating system. */
export const systemRandom: Random = {
  bytes: drawBytes,
  int: (maxExclusive) => randomInt(maxExclusive),
  uuid: drawUuid,
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
