import { timingSafeEqual } from 'node:crypto';

/** Compares in a time that tells nothing about where the difference is. */
export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b);
