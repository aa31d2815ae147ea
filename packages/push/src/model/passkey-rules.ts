import type { Passkey, PasskeyChange } from './passkey.ts';

type Use = Extract<PasskeyChange, { readonly type: 'passkey.used' }>;

/** Whether a count follows on the stored one: it is higher, or the authenticator does not count at all (WebAuthn Level 3 §6.1.1). */
export const countFollows = (stored: number, sent: number): boolean => stored < sent || (stored === 0 && sent === 0);

/** A passkey as its use leaves it; undefined where its count does not follow, and nobody said so. */
export const afterPasskeyUse = (
  stored: Passkey | undefined,
  { signCount, mismatch, userVerified, backedUp, at, ...told }: Use,
): Passkey | undefined => {
  if (stored === undefined || !(mismatch || countFollows(stored.signCount, signCount))) return undefined;
  const { backupEligible = told.backupEligible, rpId = told.rpId } = stored;
  return {
    ...stored,
    signCount: mismatch ? stored.signCount : signCount,
    userVerified: stored.userVerified || userVerified,
    ...(backupEligible !== undefined && { backupEligible }),
    backedUp,
    ...(rpId !== undefined && { rpId }),
    lastAccessAt: Math.max(stored.lastAccessAt, at),
    ...(mismatch && { counterMismatchAt: Math.max(stored.counterMismatchAt ?? 0, at) }),
  };
};
