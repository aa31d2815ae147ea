import type { Adapter } from '@assent/engine/host';
import { pushDevicesOfUser } from '@assent/push';
import { boundDevicesOfUser } from '../binding/staged-bound-devices.ts';
import type { FactorDependencies } from '../model/factor-dependencies.ts';
import { oathDevicesOfUser } from '../oath/staged-oath-devices.ts';
import { passkeysOfUser } from '../passkeys/staged-passkeys.ts';
import type { SecondFactors } from './second-factors.ts';

type Readers = Pick<FactorDependencies, 'devices' | 'oathDevices' | 'passkeys' | 'boundDevices'>;

/** Whether a user has a second factor, outside of any journey. */
export const anyFactorOf =
  ({ devices, oathDevices, passkeys, boundDevices }: Readers) =>
  async (userId: string): Promise<boolean> => {
    const ofEachKind = await Promise.all([
      devices.ofUser(userId),
      oathDevices.ofUser(userId),
      passkeys.ofUser(userId),
      boundDevices.ofUser(userId),
    ]);
    return ofEachKind.some(({ length }) => length > 0);
  };

/** Second factors of users as the nodes of one unit of work see them, with those that it writes. */
export const secondFactorsAdapter =
  ({ devices, oathDevices, passkeys, boundDevices }: Readers): Adapter<SecondFactors> =>
  (unit) => ({
    async any(userId) {
      const ofEachKind = await Promise.all([
        pushDevicesOfUser(devices, unit, userId),
        oathDevicesOfUser(oathDevices, unit, userId),
        passkeysOfUser(passkeys, unit, userId),
        boundDevicesOfUser(boundDevices, unit, userId),
      ]);
      return ofEachKind.some(({ length }) => length > 0);
    },
  });
