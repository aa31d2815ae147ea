import type { Clock, PasswordHasher, Random } from '@assent/engine';
import { storedPasswords } from '@assent/engine/host';
import {
  Directories,
  DirectoryUsers,
  DirectoryWrites,
  directoryPasswords,
  SessionRevalidation,
  Sightings,
} from '@assent/ldap';
import type { AddressGuard } from '@assent/push';
import type { Store } from '@assent/store';
import type { Logger } from '../platform/log.ts';
import type { LiveConfiguration } from '../realms/live-configuration.ts';
import { withRealmsInForce } from '../realms/realms-in-force.ts';
import { observedKeeper } from '../telemetry/password-observer.ts';
import type { Telemetry } from './compose-telemetry.ts';

export interface ComposeUsersOptions {
  readonly store: Store;
  readonly configuration: LiveConfiguration;
  readonly hasher: PasswordHasher;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly guard: AddressGuard;
  readonly telemetry: Pick<Telemetry, 'directories' | 'measures'>;
}

/** Users and their passwords, wherever a realm has them: in the store, or in a directory beside it (ADR 0070). */
export const composeUsers = (options: ComposeUsersOptions) => {
  const { store, configuration, hasher, clock, random, log, guard, telemetry } = options;
  const { identities: stored, committer } = store;
  const directories = new Directories(configuration, {
    clock,
    random,
    lookUpOf: (realm) => guard.of(realm).lookupOf,
    observer: telemetry.directories,
    report: (realm, problem) =>
      log.error(
        { realm, problem },
        'The directory of a realm cannot be asked as its service is stored: only users who were made here can sign in.',
      ),
  });
  const sightings = new Sightings({ stored, committer: withRealmsInForce(committer), clock, random });
  const own = storedPasswords({ identities: stored, hasher });
  const identities = new DirectoryUsers({ stored, directories, sightings });
  return {
    directories,
    identities,
    revalidation: new SessionRevalidation({
      users: identities,
      directories,
      clock,
      report: (realm, cause) =>
        log.warn(
          { realm, cause },
          'The directory of a realm cannot be asked: sessions of its users go on without its word.',
        ),
    }),
    keeper: observedKeeper(directoryPasswords({ own, stored, directories, sightings }), telemetry.measures),
    directoryWrites: new DirectoryWrites({ stored, directories }),
  };
};
