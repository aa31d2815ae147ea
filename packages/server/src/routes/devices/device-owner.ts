import { sameText } from '@assent/engine/host';
import { isSameUserHandle, type PasskeyReader, tokenOfUserHandle } from '@assent/factors';
import { type Account, type AccountPorts, accountFor, ownAccountOf } from '../../authorization/account.ts';
import { callerOf, isAnswer } from '../../authorization/administration.ts';
import type { Answer, Call } from '../../http/call.ts';

export interface DeviceOwnerPorts extends AccountPorts {
  readonly passkeys: Pick<PasskeyReader, 'ofUser'>;
}

/**
 * The account whose devices the address `users/:user/devices/…` means, for whoever may see them. Beside the ways in
 * which every path names a user, Android writes the user handle of a passkey where it removes one (spec: webauthn §8.3). A handle is looked
 * up among the caller's own passkeys alone, and only where the text is the name of nobody that the caller may see: it tells nothing of others.
 */
export const deviceOwnerOf = async (call: Call, ports: DeviceOwnerPorts): Promise<Account | Answer> => {
  const caller = await callerOf(call, ports);
  if (isAnswer(caller)) return caller;
  const named = call.names.user ?? '';
  const found = await accountFor(caller, call, named, ports, 'devices:read');
  if (!isAnswer(found) || caller.session.realm !== call.realmPath) return found;
  const own = ownAccountOf(caller, ports);
  if (isAnswer(own)) return found;
  const passkeys = await ports.passkeys.ofUser(own.identity.id);
  return passkeys.some(({ userHandle }) => isHandleIn(named, userHandle)) ? own : found;
};

/** SDKs put into the path what they get by undoing the base64url of the handle once, or the handle itself. */
const isHandleIn = (named: string, userHandle: string): boolean => {
  const token = tokenOfUserHandle(userHandle);
  return (token !== undefined && sameText(named, token)) || isSameUserHandle(named, userHandle);
};
