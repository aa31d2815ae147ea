import type { Identity } from '@assent/engine';
import type { SavedConsent } from '@assent/oidc';
import type { OathDevice, PushDevice, RecoveryCodeRow } from '@assent/push';

/** A user who was another server's, with all that a person would miss; what is theirs names them by `id`. */
export interface BroughtUser extends Omit<Identity, 'rev'> {
  readonly hash?: string;
  readonly devices: readonly PushDevice[];
  readonly oathDevices: readonly OathDevice[];
  readonly codes: readonly RecoveryCodeRow[];
  readonly consents: readonly SavedConsent[];
}

/**
 * New users, many of them at once. Fails as a whole where one of them is there: an id, a folded name of the realm, an entry of its directory, or the
 * id of something that is theirs. How many devices a user may have is for the caller to know: nobody else can add one before the commit.
 */
export type UsersChange = {
  readonly type: 'users.insert';
  readonly users: readonly BroughtUser[];
};
