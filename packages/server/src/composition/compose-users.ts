import type { Clock, PasswordHasher, Random } from '@assent/engine';
import { storedPasswords } from '@assent/engine/host';
import { Directories, DirectoryUsers, DirectoryWrites, directoryPasswords, Sightings } from '@assent/ldap';
import type { AddressGuard, MessageChange } from '@assent/push';
import type { Store } from '@assent/store';
import type { LiveConfiguration } from '../realms/live-configuration.ts';

export interface ComposeUsersOptions {
  readonly store: Store;
  readonly configuration: LiveConfiguration;
  readonly hasher: PasswordHasher;
  readonly clock: Clock;
  readonly random: Random;
  readonly guard: Pick<AddressGuard, 'lookupOf'>;
}

/** Users and their passwords, wherever a realm has them: in the store, or in a directory beside it (ADR 0070). */
export const composeUsers = ({ store, configuration, hasher, clock, random, guard }: ComposeUsersOptions) => {
  const { identities: stored, committer } = store;
  const directories = new Directories(configuration, { clock, random, lookUp: guard.lookupOf });
  const endOfCredentials = (userId: string): readonly MessageChange[] => [
    { type: 'push.closeUser', userId, reason: 'account' },
  ];
  const sightings = new Sightings({ stored, committer, clock, random, endOfCredentials });
  const own = storedPasswords({ identities: stored, hasher });
  return {
    directories,
    identities: new DirectoryUsers({ stored, directories, sightings }),
    keeper: directoryPasswords({ own, stored, directories, sightings }),
    directoryWrites: new DirectoryWrites({ stored, directories }),
  };
};
