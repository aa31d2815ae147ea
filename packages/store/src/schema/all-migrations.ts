import { firstTables } from '../migrations/0001-first-tables.ts';
import { valuesOfUsers } from '../migrations/0002-values-of-users.ts';
import { nodesOfTheirOwn } from '../migrations/0003-nodes-of-their-own.ts';
import { devicesWithoutProof } from '../migrations/0004-devices-without-proof.ts';
import { backChannels } from '../migrations/0005-back-channels.ts';
import { credentialsOfUsers } from '../migrations/0006-credentials-of-users.ts';
import { fewerPagesForALogin } from '../migrations/0007-fewer-pages-for-a-login.ts';
import { theTrailOfAUserInBatches } from '../migrations/0008-the-trail-of-a-user-in-batches.ts';
import { noDigestOfWhatWasTyped } from '../migrations/0009-no-digest-of-what-was-typed.ts';
import { noNamesInCounters } from '../migrations/0010-no-names-in-counters.ts';
import { whatApplicationsKnowASessionBy } from '../migrations/0011-what-applications-know-a-session-by.ts';
import { whatAProviderKeeps } from '../migrations/0012-what-a-provider-keeps.ts';
import { clientsOfOAuth } from '../migrations/0013-clients-of-oauth.ts';
import { whereWaitingComesFrom } from '../migrations/0014-where-waiting-comes-from.ts';
import { whoseProofsWereSeen } from '../migrations/0015-whose-proofs-were-seen.ts';
import { approvalsEndWithTheirSession } from '../migrations/0016-approvals-end-with-their-session.ts';
import { whatIsToLeave } from '../migrations/0017-what-is-to-leave.ts';
import { usersOfADirectory } from '../migrations/0018-users-of-a-directory.ts';
import { whoSendsAMessage } from '../migrations/0019-who-sends-a-message.ts';
import { whatWasGivenUp } from '../migrations/0020-what-was-given-up.ts';
import { phonesThatCannotBeRung } from '../migrations/0021-phones-that-cannot-be-rung.ts';
import { whoIsThere } from '../migrations/0022-who-is-there.ts';
import { whoHearsOfTheEndOfASession } from '../migrations/0023-who-hears-of-the-end-of-a-session.ts';
import { whatHappenedToAMessage } from '../migrations/0024-what-happened-to-a-message.ts';
import { usersByPage } from '../migrations/0025-users-by-page.ts';
import { whatRangThePhone } from '../migrations/0026-what-rang-the-phone.ts';
import { attributesThatFindUsers } from '../migrations/0027-attributes-that-find-users.ts';
import { whoWaitsInTheOutbox } from '../migrations/0028-who-waits-in-the-outbox.ts';
import { whichLifeOfTheDatabase } from '../migrations/0029-which-life-of-the-database.ts';
import { whereRowsOfTheTrailStand } from '../migrations/0030-where-rows-of-the-trail-stand.ts';
import { whoWasErased } from '../migrations/0031-who-was-erased.ts';
import { failuresInARow } from '../migrations/0032-failures-in-a-row.ts';
import { whatSealsTheTrail } from '../migrations/0033-what-seals-the-trail.ts';
import { whichKeysAreInUse } from '../migrations/0034-which-keys-are-in-use.ts';
import { whatWaitsForASecondAdministrator } from '../migrations/0035-what-waits-for-a-second-administrator.ts';
import { passkeysAndBoundDevices } from '../migrations/0036-passkeys-and-bound-devices.ts';
import { whatIsKnownOfAuthenticators } from '../migrations/0037-what-is-known-of-authenticators.ts';
import { whichRowsAChangeHasTouched } from '../migrations/0038-which-rows-a-change-has-touched.ts';
import { whatMakesPlacesKnown } from '../migrations/0039-what-makes-places-known.ts';
import type { Migration } from '../migrations/migration.ts';

/** In the order of their versions: 1, 2, 3 … */
export const migrations: readonly Migration[] = [
  firstTables,
  valuesOfUsers,
  nodesOfTheirOwn,
  devicesWithoutProof,
  backChannels,
  credentialsOfUsers,
  fewerPagesForALogin,
  theTrailOfAUserInBatches,
  noDigestOfWhatWasTyped,
  noNamesInCounters,
  whatApplicationsKnowASessionBy,
  whatAProviderKeeps,
  clientsOfOAuth,
  whereWaitingComesFrom,
  whoseProofsWereSeen,
  approvalsEndWithTheirSession,
  whatIsToLeave,
  usersOfADirectory,
  whoSendsAMessage,
  whatWasGivenUp,
  phonesThatCannotBeRung,
  whoIsThere,
  whoHearsOfTheEndOfASession,
  whatHappenedToAMessage,
  usersByPage,
  whatRangThePhone,
  attributesThatFindUsers,
  whoWaitsInTheOutbox,
  whichLifeOfTheDatabase,
  whereRowsOfTheTrailStand,
  whoWasErased,
  failuresInARow,
  whatSealsTheTrail,
  whichKeysAreInUse,
  whatWaitsForASecondAdministrator,
  passkeysAndBoundDevices,
  whatIsKnownOfAuthenticators,
  whichRowsAChangeHasTouched,
  whatMakesPlacesKnown,
];
