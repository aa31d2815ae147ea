import { describe } from 'vitest';
import { describeTouchedRows } from './configuration/describe-touched-rows.ts';
import { describeAuditFeed } from './describe-audit-feed.ts';
import { describeAuthenticatorMetadata } from './describe-authenticator-metadata.ts';
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
import { describeMessageClaims, describeMessageTraces } from './describe-message-delivery.ts';
import { describeMessageFingerprints } from './describe-message-fingerprints.ts';
import { describeMessages } from './describe-messages.ts';
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
import { describeDisabledUsers } from './pairs/describe-disabled-users.ts';
import { describeManyGrants } from './pairs/describe-many-grants.ts';
import { describeManySessions } from './pairs/describe-many-sessions.ts';
import { describeProposals } from './pairs/describe-proposals.ts';
import { describeSwitchedOffRealms } from './pairs/describe-switched-off-realms.ts';
import { describeManyValues } from './people/describe-large-users.ts';
import { describeUserSize } from './people/describe-user-size.ts';
import { describeBoundDevices } from './phones/describe-bound-devices.ts';
import { describeHeldFactors } from './phones/describe-held-factors.ts';
import { describeOathDevices } from './phones/describe-oath-devices.ts';
import { describePasskeys } from './phones/describe-passkeys.ts';
import { describeToldChanges } from './trail/describe-told-changes.ts';

/**
 * What every store has to do. `open` gives a new, empty one each time, `openTwo` two that share a database, each with stores of its
 * own. `lend` and `lendTwo` give empty ones that may have served other tests, for what is about rows alone, and not about what a store keeps,
 * counts or closes.
 */
export const describeStoreContract = (
  name: string,
  open: OpenStore,
  openTwo: OpenTwoStores,
  lend: OpenStore = open,
  lendTwo: OpenTwoStores = openTwo,
): void => {
  describe(`the ${name} store`, () => {
    describeCommits(open);
    describeJourneySessions(lend);
    describeSessions(lend);
    describeManySessions(open);
    describeManyGrants(lend);
    describeBackChannels(lend);
    describeIdentities(lend);
    describeUserPages(lend);
    describeUserSize(lend);
    describeManyValues(lend);
    describeIndexedAttributes(lend);
    describeDirectoryUsers(lend);
    describeDisabledUsers(lend);
    describeSwitchedOffRealms(open, openTwo);
    describeBroughtUsers(lend);
    describeThrottles(lend);
    describeDevices(lend);
    describeUnprovenDevices(lend);
    describeOathDevices(lend);
    describePasskeys(lend);
    describeBoundDevices(lend);
    describeHeldFactors(lend);
    describeAuthenticatorMetadata(lend);
    describeMessages(lend);
    describeMessageClaims(lend);
    describeMessageTraces(lend);
    describeMessageFingerprints(lend);
    describeWithdrawals(lend);
    describeOAuthGrants(lend);
    describeOAuthWaiting(lend);
    describeOutbox(lend);
    describeLogoutWebhooks(lend);
    describeConfiguration(open);
    describeTouchedRows(open);
    describeCarriedRealms(open);
    describeToldChanges(open);
    describeClients(lend);
    describeSweep(open);
    describeChangesOfOthers(openTwo);
    describeInstances(openTwo);
    describeAuditFeed(openTwo);
    describeLeavingRealms(open);
    describeProposals(open, openTwo);
    describeRaces(lendTwo);
  });
};
