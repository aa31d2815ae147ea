import { describe } from 'vitest';
import { describeAuditFeed } from './describe-audit-feed.ts';
import { describeBackChannels } from './describe-back-channels.ts';
import { describeBroughtUsers, describeCarriedRealms } from './describe-carried-realms.ts';
import { describeChangesOfOthers } from './describe-changes-of-others.ts';
import { describeClients } from './describe-clients.ts';
import { describeCommits } from './describe-commits.ts';
import { describeConfiguration } from './describe-configuration.ts';
import { describeDevices } from './describe-devices.ts';
import { describeDirectoryUsers } from './describe-directory-users.ts';
import { describeIdentities } from './describe-identities.ts';
import { describeInstances } from './describe-instances.ts';
import { describeJourneySessions } from './describe-journey-sessions.ts';
import { describeLeavingRealms } from './describe-leaving-realms.ts';
import { describeLogoutWebhooks } from './describe-logout-webhooks.ts';
import { describeMessageFingerprints } from './describe-message-fingerprints.ts';
import { describeMessageTraces } from './describe-message-traces.ts';
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
import { describeIndexedAttributes, describeUserPages } from './describe-user-pages.ts';
import { describeWithdrawals } from './describe-withdrawals.ts';
import type { OpenStore } from './open-in-test.ts';
<<<<<<< HEAD
import { describeToldChanges } from './trail/describe-told-changes.ts';
=======
import { describeProposals } from './pairs/describe-proposals.ts';
>>>>>>> 08d2d89f (feat(store): keep what waits for a second administrator)

/** What every store has to do. `open` gives a new, empty one each time, `openTwo` two that share a database. */
export const describeStoreContract = (name: string, open: OpenStore, openTwo: OpenTwoStores): void => {
  describe(`the ${name} store`, () => {
    describeCommits(open);
    describeJourneySessions(open);
    describeSessions(open);
    describeBackChannels(open);
    describeIdentities(open);
    describeUserPages(open);
    describeIndexedAttributes(open);
    describeDirectoryUsers(open);
    describeBroughtUsers(open);
    describeThrottles(open);
    describeDevices(open);
    describeUnprovenDevices(open);
    describeOathDevices(open);
    describeMessages(open);
    describeMessageTraces(open);
    describeMessageFingerprints(open);
    describeWithdrawals(open);
    describeOAuthGrants(open);
    describeOAuthWaiting(open);
    describeOutbox(open);
    describeLogoutWebhooks(open);
    describeConfiguration(open);
    describeCarriedRealms(open);
    describeToldChanges(open);
    describeClients(open);
    describeSweep(open);
    describeChangesOfOthers(openTwo);
    describeInstances(openTwo);
    describeAuditFeed(openTwo);
    describeLeavingRealms(open);
    describeProposals(open, openTwo);
    describeRaces(openTwo);
  });
};
