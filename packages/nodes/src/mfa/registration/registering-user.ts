import type { Identities, Identity } from '@assent/engine';
import { onStoreFailure } from '../../store-failure.ts';

export const registeringUserErrors = { noIdentity: 'Failed to get the identity object' } as const;

/** The user whose device is registered. Nobody of that name, and a store that cannot say, are one to the journey. */
export const registeringUser = async (
  users: Pick<Identities, 'find'>,
  name: string,
  fail: (id: 'noIdentity', values?: Readonly<Record<string, string>>, cause?: unknown) => never,
): Promise<Identity> =>
  (await onStoreFailure(
    () => users.find(name),
    (cause) => fail('noIdentity', {}, cause),
  )) ?? fail('noIdentity');
