import type { PushDevice } from './devices.ts';

/** Whether a phone is a factor of its user: one that has yet to prove itself is nobody's (SEC-05). */
export const isProven = ({ pending }: Pick<PushDevice, 'pending'>): boolean => pending === undefined;

/** Whether the provider has called the address of a phone dead: it cannot be rung before it has refreshed (REL-09). */
export const isUnreachable = ({ channelDeadAt }: Pick<PushDevice, 'channelDeadAt'>): boolean =>
  channelDeadAt !== undefined;

/** Whether a phone counts towards the limit of its user: also one that may still prove itself. */
export const countsTowardsLimit = ({ pending }: Pick<PushDevice, 'pending'>, now: number): boolean =>
  pending === undefined || pending.until > now;

/** A phone that has proven itself; undefined where there is no such proof to be given any more, or by another journey. */
export const afterProof = (
  stored: PushDevice | undefined,
  { journeyId, at }: { readonly journeyId: string; readonly at: number },
): PushDevice | undefined => {
  if (stored?.pending?.journeyId !== journeyId || stored.pending.until <= at) return undefined;
  const { pending: _pending, ...proven } = stored;
  return { ...proven, rev: stored.rev + 1 };
};

/** A device as its use at that time leaves it. */
export const afterAccess = <D extends { readonly lastAccessAt: number }>(stored: D, at: number): D =>
  stored.lastAccessAt < at ? { ...stored, lastAccessAt: at } : stored;
