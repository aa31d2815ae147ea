import type { Identities, Identity, JourneyContext } from '@assent/engine';
import { mayChange } from '../../proven-user.ts';
import { onStoreFailure } from '../../store-failure.ts';

export const registeringUserErrors = { noIdentity: 'Failed to get the identity object' } as const;

/** The user whose device is registered. A name of no user, a user whom the journey may not change, and a store that cannot say are one to the journey. */
export const registeringUser = async (
  users: Pick<Identities, 'find'>,
  name: string,
  journey: Pick<JourneyContext, 'identifiedUser' | 'boundUser'>,
  fail: (id: 'noIdentity', values?: Readonly<Record<string, string>>, cause?: unknown) => never,
): Promise<Identity> => {
  const identity = await onStoreFailure(
    () => users.find(name),
    (cause) => fail('noIdentity', {}, cause),
  );
  return identity !== undefined && mayChange(identity, journey) ? identity : fail('noIdentity');
};
