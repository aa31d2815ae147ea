import type { Random } from '@assent/engine';
import type { AuditReader } from '@assent/engine/host';
import type { MessageSummary } from '@assent/push';
import type { OutboxWatch } from '../ports/outbox-watch.ts';
import type { ChangeType } from '../ports/store.ts';
import { horizonsAt, type Retention } from '../rules/retention.ts';
import { excessEvent } from '../rules/session-rules.ts';
import { Swept } from '../rules/swept.ts';
import { accountOf } from '../rules/throttle-subjects.ts';
import type { DataKeyRing } from '../sealing/data-key-ring.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { consentsTopic } from './applications/consents.ts';
import { endedWithClientsTopic } from './applications/ended-with-clients.ts';
import { grantsTopic } from './applications/grants.ts';
import { parkedRequestsTopic } from './applications/parked-requests.ts';
import { pendingApprovalsTopic } from './applications/pending-approvals.ts';
import { replaysTopic } from './applications/replays.ts';
import { signingKeysTopic } from './applications/signing-keys.ts';
import { authenticatorMetadataTopic } from './installation/authenticator-metadata.ts';
import { configurationTopic, treeVersions } from './installation/configuration.ts';
import type { MasterKeys } from './installation/data-keys.ts';
import { instancesTopic } from './installation/instances.ts';
import { keysTopic } from './installation/keys.ts';
import { lifeTopic } from './installation/life.ts';
import { outboxTopic } from './installation/outbox.ts';
import { proposalsTopic } from './installation/proposals.ts';
import { realmsInForceTopic } from './installation/realms-in-force.ts';
import { secretsTopic } from './installation/secrets.ts';
import { backChannelsTopic } from './logins/back-channels.ts';
import { journeysTopic, type StepCaches } from './logins/journeys.ts';
import { sessionsTopic } from './logins/sessions.ts';
import { throttlesTopic } from './logins/throttles.ts';
import { broughtUsersTopic } from './people/brought-users.ts';
import { erasuresTopic } from './people/erasures.ts';
import { identitiesTopic } from './people/identities.ts';
import { leavingRealmsTopic } from './people/leaving-realms.ts';
import { userIndexTopic } from './people/user-index.ts';
import { boundDevicesTopic } from './phones/bound-devices.ts';
import { devicesTopic } from './phones/devices.ts';
import { heldFactorsTopic } from './phones/held-factors.ts';
import { messagesTopic } from './phones/messages.ts';
import { oathDevicesTopic } from './phones/oath-devices.ts';
import { passkeysTopic } from './phones/passkeys.ts';
import { auditChainTopic, type ChainRows, storedChainStates } from './trail/audit-chain.ts';
import { auditFeedTopic, type FeedRows } from './trail/audit-feed.ts';
import type { AUDIT_CHANGES } from './trail/audit-rows.ts';
import type { VerbsOf } from './verbs/define-changes.ts';
import type { RowCache } from './verbs/row-cache.ts';
import type { ChangeVerbs, ReadVerbs, Verb } from './verbs/verb.ts';

export interface TopicOptions {
  readonly sealer: Sealer;
  readonly dataKeys: DataKeyRing;
  readonly masterKeys: MasterKeys;
  readonly random: Random;
  readonly retention: Retention;
  readonly outboxWatch: Pick<OutboxWatch, 'note'>;
  /** Whether the database locks tables; it does where absent. */
  readonly locksTables?: () => boolean;
  /** How the trail finds what concerns a user is for each database to choose. */
  readonly audit: {
    readonly reader: ReadVerbs<AuditReader>;
    readonly changes: VerbsOf<typeof AUDIT_CHANGES>;
    readonly feed: FeedRows;
    readonly chain: ChainRows;
  };
  readonly caches: StepCaches & {
    readonly requests: RowCache<readonly MessageSummary[]>;
  };
}

/** All that is asked of a database, in any of them: what one topic removes, others follow. */
export const createTopics = (options: TopicOptions) => {
  const { sealer, random, retention, outboxWatch, audit, caches } = options;
  const journeys = journeysTopic(sealer, caches);
  const consents = consentsTopic();
  const pendingApprovals = pendingApprovalsTopic();
  const outbox = outboxTopic(sealer, outboxWatch);
  const grants = grantsTopic(pendingApprovals.withdraw, outbox.putAll);
  const parkedRequests = parkedRequestsTopic(sealer);
  const replays = replaysTopic();
  const signingKeys = signingKeysTopic(sealer);
  const authenticatorMetadata = authenticatorMetadataTopic();
  const sessions = sessionsTopic(grants.ends, outbox.putAll);
  const throttles = throttlesTopic();
  const backChannels = backChannelsTopic(sealer);
  const instances = instancesTopic();
  const proposals = proposalsTopic(sealer);
  const messages = messagesTopic(sealer, caches.requests, outbox);
  const devices = devicesTopic(sealer, messages.voidDevice);
  const oathDevices = oathDevicesTopic(sealer, (userId) => devices.deleteCodes(userId, 'oath'));
  const passkeys = passkeysTopic((userId) => devices.deleteCodes(userId, 'webauthn'));
  const boundDevices = boundDevicesTopic();
  // Table by table in the order of all commits (locks.ts), which the sweep takes, too.
  const identities = identitiesTopic({
    *deleteOf(users, { isTold, isErased = false }) {
      const ids = users.map(({ id }) => id);
      // Before the sessions, whose end is told all the same.
      yield* outbox.deleteUsers(ids);
      yield* sessions.deleteUsers(ids, isTold);
      yield* throttles.deleteUsers(
        users.map(({ id, realm, username }) => ({ id, account: accountOf(realm, username) })),
      );
      yield* isErased ? messages.deleteAllOf(ids) : messages.deleteUsers(ids);
      if (isTold) for (const id of ids) yield* grants.tellOfEnd(id);
      const ofDevices = [devices, oathDevices, passkeys, boundDevices];
      const others = [grants, pendingApprovals, consents, backChannels, proposals];
      for (const topic of [...ofDevices, ...others]) yield* topic.deleteUsers(ids);
    },
    *deleteBeyond(userIds, limit) {
      return (yield* sessions.deleteBeyond(userIds, limit)) || (yield* grants.deleteBeyond(userIds, limit));
    },
    *endOf(userId, moment) {
      yield* sessions.deleteUsers([userId], true);
      yield* messages.changes['push.closeUser']({ type: 'push.closeUser', userId, reason: 'account', moment });
      yield* grants.tellOfEnd(userId);
      for (const topic of [grants, pendingApprovals, backChannels, proposals]) yield* topic.deleteUsers([userId]);
    },
  });
  const erasures = erasuresTopic({
    eraseUser: identities.erase,
    deleteJourneys: journeys.delete,
  });
  const broughtUsers = broughtUsersTopic({
    erased: erasures.reader.among,
    users: identities.insertions,
    devices: devices.insertions,
    oathDevices: oathDevices.insertions,
    passkeys: passkeys.insertions,
    boundDevices: boundDevices.insertions,
    codes: devices.insertionsOfCodes,
    consents: consents.insertions,
  });
  const leavingRealms = leavingRealmsTopic({
    rows: [identities, pendingApprovals, parkedRequests, backChannels, proposals, outbox, treeVersions],
    journeys,
  });
  const userIndex = userIndexTopic();
  const life = lifeTopic();
  const rowsOfRealms = {
    isLeaving: leavingRealms.has,
    *leave(realm: string) {
      yield* signingKeys.deleteRealm(realm);
      yield* authenticatorMetadata.deleteRealm(realm);
      yield* userIndex.deleteRealm(realm);
      yield* leavingRealms.leave(realm);
    },
    *clearForNew(realm: string) {
      yield* signingKeys.deleteRealm(realm);
      yield* authenticatorMetadata.deleteRealm(realm);
      yield* leavingRealms.clearForNew(realm);
    },
  };
  const realmsInForce = realmsInForceTopic();
  const configuration = configurationTopic(sealer, rowsOfRealms, life.version, options.locksTables);

  const endedWithClients = endedWithClientsTopic(configuration, random);

  return {
    readers: {
      identities: identities.reader,
      journeySessions: journeys.reader,
      sessions: sessions.reader,
      backChannels: backChannels.reader,
      throttles: throttles.reader,
      audit: audit.reader,
      devices: devices.reader,
      oathDevices: oathDevices.reader,
      passkeys: passkeys.reader,
      boundDevices: boundDevices.reader,
      authenticatorMetadata: authenticatorMetadata.reader,
      messages: messages.reader,
      grants: grants.reader,
      parkedRequests: parkedRequests.reader,
      replays: replays.reader,
      consents: consents.reader,
      signingKeys: signingKeys.reader,
      pendingApprovals: pendingApprovals.reader,
      outbox: outbox.reader,
      erasures: erasures.reader,
      proposals: proposals.reader,
    },
    configuration: configuration.reader,
    secrets: secretsTopic(sealer),
    keys: keysTopic({ ...options, append: (event) => audit.changes['audit.append']({ type: 'audit.append', event }) }),
    holdsKeys: (holder: string, now: number) => instances.holds('keys', holder, now),
    instances: { reader: instances.reader, writer: instances.writer },
    auditFeed: auditFeedTopic({ holds: instances.holds, epoch: life.epoch, ...audit.feed }),
    changes: {
      ...journeys.changes,
      ...sessions.changes,
      ...backChannels.changes,
      ...identities.changes,
      ...broughtUsers.changes,
      ...erasures.changes,
      ...throttles.changes,
      ...audit.changes,
      ...devices.changes,
      ...oathDevices.changes,
      ...passkeys.changes,
      ...boundDevices.changes,
      ...heldFactorsTopic().changes,
      ...authenticatorMetadata.changes,
      ...messages.changes,
      ...grants.changes,
      ...parkedRequests.changes,
      ...replays.changes,
      ...consents.changes,
      ...signingKeys.changes,
      ...pendingApprovals.changes,
      ...outbox.changes,
      ...proposals.changes,
      ...configuration.changes,
      ...realmsInForce.changes,
    } satisfies ChangeVerbs<ChangeType>,
    auditChain: auditChainTopic({
      erased: erasures.reader.among,
      states: storedChainStates,
      holds: instances.holds,
      epoch: life.epoch,
      random,
      append: (event) => audit.changes['audit.append']({ type: 'audit.append', event }),
      ...audit.chain,
    }),
    /** Before anything else: from then on this copy of the database is known for the one that is served on (OPS-61). */
    settle: life.settle,
    /** Undefined where the holder is given, and another has the lease. */
    *sweep(now: number, limit: number, holder: string | undefined): Verb<Swept | undefined> {
      if (holder !== undefined && !(yield* instances.holds('sweep', holder, now))) return undefined;
      const due = horizonsAt(now, retention);
      const swept = new Swept(limit);
      // Table by table as users go, who are deleted meanwhile.
      swept.add('outbox', yield* outbox.sweep(due.entryDeadBy, swept.left));
      const timeouts = yield* sessions.tellTimeouts(now, swept.toldLeft);
      swept.add('session_timeout', timeouts, timeouts);
      swept.add('session', yield* sessions.sweep(due.sessionExpiredBy, swept.left));
      const excess = yield* sessions.endExcess(now, { sessions: swept.left, told: swept.toldLeft });
      swept.addExcess(excess);
      swept.add('throttle', yield* throttles.sweep(now, due.throttleIdleSince, swept.left));
      swept.add('push_message', yield* messages.sweep(due.messageExpiredBy, swept.left));
      swept.add('device', yield* devices.sweep(now, swept.left));
      yield* sessions.endGranted(excess);
      const expiredGrants = yield* grants.sweep(now, swept.left);
      swept.add('grant', expiredGrants + (yield* endedWithClients.sweepGrants(swept.left - expiredGrants)));
      swept.add('pending_approval', yield* pendingApprovals.sweep(now, swept.left));
      swept.add('consent', yield* endedWithClients.sweepConsents(swept.left));
      swept.add('back_channel', yield* backChannels.sweep(due.backChannelExpiredBy, swept.left));
      swept.add('proposal', yield* proposals.sweep(now, swept.left));
      swept.add('parked_request', yield* parkedRequests.sweep(now, swept.left));
      swept.add('replay', yield* replays.sweep(now, swept.left));
      const journeysSwept = yield* journeys.sweep(due.journeyExpiredBy, swept.left);
      for (const { realm, tree } of journeysSwept.expired) swept.addExpired(realm, tree);
      swept.add('journey', journeysSwept.rows);
      swept.add('realm', yield* leavingRealms.sweep(swept.left));
      swept.add('user_index', yield* userIndex.sweep(now, swept.left, holder));
      swept.add('configuration', yield* configuration.sweep(now, due.treeRetiredBy, swept.left));
      swept.add('instance', yield* instances.sweep(due.instanceUnseenSince, swept.left));
      for (const ended of excess) {
        const event = excessEvent(ended, now, random.uuid());
        yield* audit.changes['audit.append']({ type: 'audit.append', event });
      }
      return swept;
    },
    check: configuration.check,
  };
};
