import type { Identity } from '@assent/engine';
import type { OathDevice, OathDevices, PushDevices, RecoveryCodes } from '@assent/push';

interface Ports {
  readonly oathDevices: OathDevices;
  readonly pushDevices: PushDevices;
  readonly recoveryCodes: RecoveryCodes;
}

/** Whether the user has a device of either kind: then only another factor adds one more (design.md decision 16). */
export const hasDevice = async ({ oathDevices, pushDevices }: Ports, userId: string): Promise<boolean> =>
  (await oathDevices.ofUser(userId)).length > 0 || (await pushDevices.ofUser(userId)).length > 0;

/** New codes for a new generator; a user who has codes keeps those that are written down somewhere. */
export const oathCodesFor = async (ports: Ports, userId: string): Promise<readonly string[]> => {
  const existing = await ports.oathDevices.ofUser(userId);
  if (existing.length > 0 && (await ports.recoveryCodes.count(userId, 'oath')) > 0) return [];
  return ports.recoveryCodes.replace(userId, 'oath');
};

/** Stores a generator that was shown, unless the user got a device meanwhile that would have had to agree. */
export const storeOathDevice = async (
  ports: Ports,
  identity: Identity,
  device: OathDevice,
  isAuthorized: boolean,
): Promise<'stored' | 'limit' | 'the user has a device by now' | 'another user'> => {
  if (device.userId !== identity.id) return 'another user';
  if (!isAuthorized && (await hasDevice(ports, identity.id))) return 'the user has a device by now';
  return (await ports.oathDevices.save(identity, device)).status;
};
