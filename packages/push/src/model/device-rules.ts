import type { PushDevice } from './devices.ts';

/** Whether a phone is a factor of its user: one that has yet to prove itself is nobody's (SEC-05). */
export const isProven = ({ pending }: Pick<PushDevice, 'pending'>): boolean => pending === undefined;

/** Whether the provider has called the address of a phone dead: it cannot be rung before it has refreshed (REL-09). */
export const isUnreachable = ({ channelDeadAt }: Pick<PushDevice, 'channelDeadAt'>): boolean =>
  channelDeadAt !== undefined;

/** Whether a phone counts towards the limit of its user: also one that may still prove itself. */
export const countsTowardsLimit = ({ pending }: Pick<PushDevice, 'pending'>, now: number): boolean =>
  pending === undefined || pending.until > now;

/** A device as an update leaves it; undefined where somebody else has changed it since it was read (SEC-49). */
export const afterUpdate = <D extends { readonly rev: number }>(stored: D | undefined, row: D): D | undefined =>
  stored?.rev === row.rev ? { ...row, rev: row.rev + 1 } : undefined;

/** A device as a change of its name leaves it, whatever else the caller has seen of it; undefined where somebody else has renamed it since. */
export const afterRename = <D extends { readonly deviceName: string; readonly rev: number }>(
  stored: D | undefined,
  { deviceName, rev }: { readonly deviceName: string; readonly rev: number },
): D | undefined => (stored?.rev === rev ? { ...stored, deviceName, rev: rev + 1 } : undefined);

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

/** Whether the recovery codes for phones go: with the last of the user's phones that is a factor (SEC-48). */
export const codesGoWith = (left: readonly Pick<PushDevice, 'pending'>[]): boolean => !left.some(isProven);
