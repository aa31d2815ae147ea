/** What one instance at a time does for all of them. */
export type LeaseName = 'sweep' | 'audit-sink';

/**
 * How long a lease lasts that its holder does not renew. With that and the twenty seconds between two looks, what one leaves that is
 * killed is taken up within fifty (OPS-32).
 */
export const LEASE_MILLIS = 30_000;
