import type { ChangeType, StoreChange } from '../ports/store.ts';

/**
 * What a machine that dies may forget of its last moments, though it was answered: that a phone has fetched a message, and when a session or a
 * phone was last used. Nobody is let in by it, and the next use says it anew (OPS-35).
 */
const LOSABLE: ReadonlySet<ChangeType> = new Set(['push.delivery', 'session.touch', 'device.accessed']);

/** Whether a commit has nothing else, so that nobody waits until it is on the disk. */
export const isLosable = (changes: readonly StoreChange[]): boolean => changes.every(({ type }) => LOSABLE.has(type));
