import type { Identity } from '@assent/engine';
import type { BoundDevice, OathDevice, Passkey, RecoveryCodeRow } from '@assent/factors';
import type { SavedConsent } from '@assent/oidc';
import type { PushDevice } from '@assent/push';

/** What belongs to a user, in rows of its own that name the user by id. */
export interface Belongings {
  readonly devices: readonly PushDevice[];
  readonly oathDevices: readonly OathDevice[];
  readonly passkeys: readonly Passkey[];
  readonly boundDevices: readonly BoundDevice[];
  readonly codes: readonly RecoveryCodeRow[];
  readonly consents: readonly SavedConsent[];
}

/** A user who was another server's, with all that a person would miss. */
export interface BroughtUser extends Omit<Identity, 'rev'>, Belongings {
  readonly hash?: string;
}

/**
 * New users, many of them at once. Fails as a whole where one of them is there: an id, a folded name of the realm, an entry of its directory, the
 * id of something that is theirs, or in the realm the credential of a passkey or the kid of a bound device. How many devices a user may have is for the caller to know: nobody else can add one before the commit.
 */
export type UsersChange = {
  readonly type: 'users.insert';
  readonly users: readonly BroughtUser[];
};
