import type { UnitOfWork } from '@assent/engine/host';
import { StagedDevices } from '@assent/push';
import type { BoundDevice, BoundDeviceReader } from '../model/bound-device.ts';

/** Bound devices that this unit of work writes. */
export const stagedBoundDevicesOf = (unit: UnitOfWork): StagedDevices<BoundDevice> =>
  unit.keep('devices:bound:own', () => new StagedDevices<BoundDevice>());

/** A user's bound devices, newest first. What is stored is read once per unit of work. */
export const boundDevicesOfUser = async (
  devices: Pick<BoundDeviceReader, 'ofUser'>,
  unit: UnitOfWork,
  userId: string,
): Promise<readonly BoundDevice[]> => {
  const stored = await unit.remember(`devices:bound:${userId}`, () => devices.ofUser(userId));
  return stagedBoundDevicesOf(unit).over(stored, userId);
};
