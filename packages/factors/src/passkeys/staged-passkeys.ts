import type { UnitOfWork } from '@assent/engine/host';
import { StagedDevices } from '@assent/push';
import type { Passkey, PasskeyReader } from '../model/passkey.ts';

/** Passkeys that this unit of work writes. */
export const stagedPasskeysOf = (unit: UnitOfWork): StagedDevices<Passkey> =>
  unit.keep('devices:passkey:own', () => new StagedDevices<Passkey>());

/** A user's passkeys, newest first. What is stored is read once per unit of work. */
export const passkeysOfUser = async (
  passkeys: Pick<PasskeyReader, 'ofUser'>,
  unit: UnitOfWork,
  userId: string,
): Promise<readonly Passkey[]> => {
  const stored = await unit.remember(`devices:passkey:${userId}`, () => passkeys.ofUser(userId));
  return stagedPasskeysOf(unit).over(stored, userId);
};

/** The passkey of that id in the unit's realm, whoever it belongs to. */
export const passkeyByCredential = async (
  passkeys: Pick<PasskeyReader, 'byCredentialId'>,
  unit: UnitOfWork,
  credentialId: string,
): Promise<Passkey | undefined> => {
  const own = stagedPasskeysOf(unit).find((passkey) => passkey.credentialId === credentialId);
  if (own !== undefined) return own;
  return unit.remember(`passkey:${credentialId}`, () => passkeys.byCredentialId(unit.realm.realm, credentialId));
};
