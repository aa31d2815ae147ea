import type { Random } from '@assent/engine';

const MIN_MILLIS = 1_000;
const MAX_MILLIS = 3_000;

/**
 * The last words of a stream (WHATWG HTML §9.2) that ends with its server: who has read it comes back to another one, or to this one after
 * its start, and not all of them at once (OPS-33).
 */
export const comeBackSoon = (random: Pick<Random, 'int'>): string =>
  `retry: ${MIN_MILLIS + random.int(MAX_MILLIS - MIN_MILLIS + 1)}\n\n`;
