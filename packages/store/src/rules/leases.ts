/** What one instance at a time does for all of them. */
export type LeaseName = 'sweep' | 'audit-seal' | 'audit-sink' | 'keys';

/**
 * How long a lease lasts that its holder does not renew. With that and the twenty seconds between two looks, what one leaves that is
 * killed is taken up within fifty (OPS-32).
 */
export const LEASE_MILLIS = 30_000;

/**
 * Nobody gets a lease that ends later than this, but for what clocks differ by: one that does was taken by a clock that somebody has set back
 * since. Its holder may be gone, and nobody would do its work for as long as the clock was ahead.
 */
export const latestEnd = (now: number): number => now + 2 * LEASE_MILLIS;
