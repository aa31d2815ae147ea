import { describe } from 'vitest';
import { describeBackChannels } from './describe-back-channels.ts';
import { describeClients } from './describe-clients.ts';
import { describeCommits } from './describe-commits.ts';
import { describeConfiguration } from './describe-configuration.ts';
import { describeDevices } from './describe-devices.ts';
import { describeDirectoryUsers } from './describe-directory-users.ts';
import { describeIdentities } from './describe-identities.ts';
import { describeInstances } from './describe-instances.ts';
import { describeJourneySessions } from './describe-journey-sessions.ts';
import { describeMessageFingerprints } from './describe-message-fingerprints.ts';
import { describeMessages } from './describe-messages.ts';
import { describeOathDevices } from './describe-oath-devices.ts';
import { describeOAuthGrants } from './describe-oauth-grants.ts';
import { describeOAuthWaiting } from './describe-oauth-waiting.ts';
import { describeOutbox } from './describe-outbox.ts';
import { describeRaces, type OpenTwoStores } from './describe-races.ts';
import { describeSessions } from './describe-sessions.ts';
import { describeSweep } from './describe-sweep.ts';
import { describeThrottles } from './describe-throttles.ts';
import { describeUnprovenDevices } from './describe-unproven-devices.ts';
import type { OpenStore } from './open-in-test.ts';

/** What every store has to do. `open` gives a new, empty one each time, `openTwo` two that share a database. */
export const describeStoreContract = (name: string, open: OpenStore, openTwo: OpenTwoStores): void => {
  describe(`the ${name} store`, () => {
    describeCommits(open);
    describeJourneySessions(open);
    describeSessions(open);
    describeBackChannels(open);
    describeIdentities(open);
    describeDirectoryUsers(open);
    describeThrottles(open);
    describeDevices(open);
    describeUnprovenDevices(open);
    describeOathDevices(open);
    describeMessages(open);
    describeMessageFingerprints(open);
    describeOAuthGrants(open);
    describeOAuthWaiting(open);
    describeOutbox(open);
    describeConfiguration(open);
    describeClients(open);
    describeSweep(open);
    describeInstances(openTwo);
    describeRaces(openTwo);
  });
};
