import type { UnitOfWork } from '@assent/engine/host';
import { StagedDevices } from '@assent/push';
import type { OathDevice, OathDeviceReader } from '../model/oath-device.ts';

/** Generators of one-time passwords that this unit of work writes. */
export const stagedOathDevicesOf = (unit: UnitOfWork): StagedDevices<OathDevice> =>
  unit.keep('devices:oath:own', () => new StagedDevices<OathDevice>());

/** A user's generators of one-time passwords, newest first. What is stored is read once per unit of work. */
export const oathDevicesOfUser = async (
  devices: Pick<OathDeviceReader, 'ofUser'>,
  unit: UnitOfWork,
  userId: string,
): Promise<readonly OathDevice[]> => {
  const stored = await unit.remember(`devices:oath:${userId}`, () => devices.ofUser(userId));
  return stagedOathDevicesOf(unit).over(stored, userId);
};
