import type { BoundDeviceReader, OathDeviceReader, PasskeyReader, RecoveryCodeReader } from '@assent/factors';
import type { DeviceReader } from '@assent/push';
import { type Answer, refuse } from '../http/call.ts';
import { hasDeviceFactor, hasFreshDeviceFactor } from './access.ts';
import type { Caller, CallerPorts } from './administration.ts';

/** What tells whether a user has a second factor of a device. */
export interface FactorReaders {
  readonly devices: Pick<DeviceReader & RecoveryCodeReader, 'ofUser' | 'countCodes'>;
  readonly oathDevices: Pick<OathDeviceReader, 'ofUser'>;
  readonly passkeys: Pick<PasskeyReader, 'ofUser'>;
  readonly boundDevices: Pick<BoundDeviceReader, 'ofUser'>;
}

export interface OwnAccountPorts extends Pick<CallerPorts, 'adminSecondFactor' | 'clock'> {
  readonly factors: FactorReaders;
}

/** Whether the user has a phone, a code app, a passkey, a bound device or recovery codes. */
export const hasOwnFactor = async (factors: FactorReaders, userId: string): Promise<boolean> => {
  const readers = [factors.devices, factors.oathDevices, factors.passkeys, factors.boundDevices];
  const [codes, ...devices] = await Promise.all([
    factors.devices.countCodes(userId, 'push'),
    ...readers.map((reader) => reader.ofUser(userId)),
  ]);
  return devices.flat().length + codes > 0;
};

const SECOND_FACTOR_FIRST: Answer = refuse(403, 'Sign in with a passkey, your phone or a recovery code first.', {
  needs: 'recentFactor',
});
const RECENT_FACTOR_FIRST: Answer = refuse(
  403,
  'Sign in with a passkey, your phone or a recovery code first, then change this within five minutes.',
  { needs: 'recentFactor' },
);

/**
 * Why callers may not do this to their own account, undefined where they may. The password alone could take the account from its owner: a user
 * who has a second factor shows it, within the last 5 minutes where it has to be `recent` (SEC-51).
 */
export const refusalOfOwnAccount = async (
  { identity, roles, session }: Pick<Caller, 'identity' | 'roles' | 'session'>,
  { factors, adminSecondFactor, clock }: OwnAccountPorts,
  shown: 'recent' | 'anyAge',
): Promise<Answer | undefined> => {
  // Where the server asks no administrator for a second factor, an owner can do all of this by the role.
  if (roles.includes('owner') && !adminSecondFactor) return undefined;
  if (shown === 'recent' ? hasFreshDeviceFactor(session, clock.now()) : hasDeviceFactor(session)) return undefined;
  if (!(await hasOwnFactor(factors, identity.id))) return undefined;
  return shown === 'recent' ? RECENT_FACTOR_FIRST : SECOND_FACTOR_FIRST;
};
