import { randomBytes, randomUUID } from 'node:crypto';
import type { JourneySession } from '@assent/engine/host';
import { firstRefused, REFUSED_BY_SIZE, type Refusal, refusedByRealm } from '../ports/apply-changes.ts';
import type { AuditChain } from '../ports/audit-chain.ts';
import { countedReads, newCounters } from '../ports/counters.ts';
import { OutboxWatch } from '../ports/outbox-watch.ts';
import { type ChangesOf, type ChangeTable, type Store, type StoreChange, StoreUnavailable } from '../ports/store.ts';
import { ObservedStore } from '../ports/store-observer.ts';
import { hasEndedWithClient } from '../rules/ended-with-client.ts';
import { refuseUntold } from '../rules/refuse-untold.ts';
import { horizonsAt, type Retention, USUAL_RETENTION } from '../rules/retention.ts';
import { excessEvent } from '../rules/session-rules.ts';
import { Swept } from '../rules/swept.ts';
import { accountOf } from '../rules/throttle-subjects.ts';
import { methodsOf } from '../sql/methods-of.ts';
import { auditChainTopic, type ChainParts } from '../sql/trail/audit-chain.ts';
import { askingNothing, atOnce } from './asked-nothing.ts';
import { memoryAudit } from './memory-audit.ts';
import { memoryAuthenticatorMetadata } from './memory-authenticator-metadata.ts';
import { memoryBackChannels } from './memory-back-channels.ts';
import { memoryConfiguration, memoryProposals } from './memory-configuration.ts';
import { memoryConsents } from './memory-consents.ts';
import { memoryErasures } from './memory-erasures.ts';
import { memoryGrants } from './memory-grants.ts';
import { memoryIdentities } from './memory-identities.ts';
import { memoryInstances } from './memory-instances.ts';
import { memoryJourneys } from './memory-journeys.ts';
import { memoryKeys } from './memory-keys.ts';
import { memoryOutbox } from './memory-outbox.ts';
import { memoryParkedRequests } from './memory-parked-requests.ts';
import { memoryPendingApprovals } from './memory-pending-approvals.ts';
import { memoryReplays } from './memory-replays.ts';
import { memorySessions } from './memory-sessions.ts';
import { memorySigningKeys } from './memory-signing-keys.ts';
import { memoryThrottles } from './memory-throttles.ts';
import { memoryBoundDevices } from './phones/memory-bound-devices.ts';
import { memoryDevices } from './phones/memory-devices.ts';
import { memoryMessages } from './phones/memory-messages.ts';
import { memoryOathDevices } from './phones/memory-oath-devices.ts';
import { memoryPasskeys } from './phones/memory-passkeys.ts';
import { realmGuard } from './realm-guard.ts';
import { UndoLog } from './tables/memory-table.ts';

export interface MemoryStoreOptions {
  /** How long what is over is kept, where it is not as usual. */
  readonly retention?: Partial<Retention>;
  /** How many audit events are kept at the least. */
  readonly auditEvents?: number;
}

/** A store that keeps nothing: for tests, measurements, and `memory:`. */
export const openMemoryStore = (options: MemoryStoreOptions = {}): Store => {
  const counters = newCounters();
  const undoLog = new UndoLog();
  const secrets = new Map<string, Uint8Array>();
  let isClosed = false;

  const journeys = memoryJourneys(undoLog);
  const consents = memoryConsents(undoLog);
  const pendingApprovals = memoryPendingApprovals(undoLog);
  const outboxWatch = new OutboxWatch();
  const outbox = memoryOutbox(undoLog, outboxWatch);
  const grants = memoryGrants(undoLog, pendingApprovals.withdraw, outbox.putAll);
  const parkedRequests = memoryParkedRequests(undoLog);
  const replays = memoryReplays(undoLog);
  const signingKeys = memorySigningKeys(undoLog);
  const authenticatorMetadata = memoryAuthenticatorMetadata(undoLog);
  const sessions = memorySessions(undoLog, grants.ends, outbox.putAll, (userId) => identities.isDisabled(userId));
  const throttles = memoryThrottles(undoLog);
  const backChannels = memoryBackChannels(undoLog);
  const instances = memoryInstances();
  const proposals = memoryProposals(undoLog);
  const messages = memoryMessages(undoLog, outbox.putAll);
  const devices = memoryDevices(undoLog, messages.voidDevice);
  const oathDevices = memoryOathDevices(undoLog, (userId) => devices.deleteCodes(userId, 'oath'));
  const passkeys = memoryPasskeys(undoLog, (userId) => devices.deleteCodes(userId, 'webauthn'));
  const boundDevices = memoryBoundDevices(undoLog);
  const identities = memoryIdentities(undoLog, {
    deleteOf({ id, realm, username }) {
      devices.deleteUser(id);
      oathDevices.deleteUser(id);
      passkeys.deleteUser(id);
      boundDevices.deleteUser(id);
      messages.deleteUser(id);
      // Before the sessions, whose end is told all the same.
      outbox.deleteUser(id);
      sessions.deleteUser(id);
      grants.deleteUser(id);
      pendingApprovals.deleteUser(id);
      consents.deleteUser(id);
      backChannels.deleteUser(id);
      proposals.deleteUser(id);
      throttles.deleteUser(id, accountOf(realm, username));
    },
    endOf(userId, moment) {
      sessions.deleteUser(userId);
      messages.changes['push.closeUser']({ type: 'push.closeUser', userId, reason: 'account', moment });
      for (const rows of [grants, pendingApprovals, backChannels, proposals]) rows.deleteUser(userId);
    },
  });
  const erasures = memoryErasures(undoLog, {
    deleteUser: identities.deleteOne,
    deleteJourneys: journeys.delete,
  });
  const audit = memoryAudit(undoLog, options.auditEvents ?? 10_000, erasures.has);
  const deleteRows = (realm: string): void => {
    const ofProvider = [grants, pendingApprovals, parkedRequests, consents, signingKeys];
    const ofDevices = [devices, oathDevices, passkeys, boundDevices, messages];
    const ofUsers = [identities, journeys, sessions, backChannels, ...ofDevices];
    // The outbox is last: what tells of the users of the realm goes with it.
    for (const rows of [...ofUsers, ...ofProvider, authenticatorMetadata, proposals, outbox]) rows.deleteRealm(realm);
  };
  const configuration = memoryConfiguration(undoLog, {
    deleteRows,
    isInUse: ({ realm, name, version }) => journeys.isOn(realm, name, version),
  });
  const broughtUsers: ChangesOf<'users.insert'> = {
    'users.insert': ({ users }) =>
      !users.some(({ id }) => erasures.has(id)) &&
      users.every(
        ({
          devices: phones,
          oathDevices: generators,
          passkeys: keys,
          boundDevices: bound,
          codes,
          consents: agreed,
          ...user
        }) =>
          identities.insert(user) &&
          phones.every(devices.insert) &&
          generators.every(oathDevices.insert) &&
          keys.every(passkeys.insert) &&
          bound.every(boundDevices.insert) &&
          codes.every(devices.insertCode) &&
          agreed.every(consents.insert),
      ),
  };
  const table = {
    ...journeys.changes,
    ...sessions.changes,
    ...backChannels.changes,
    ...identities.changes,
    ...broughtUsers,
    ...erasures.changes,
    ...throttles.changes,
    ...audit.changes,
    ...devices.changes,
    ...oathDevices.changes,
    ...passkeys.changes,
    ...boundDevices.changes,
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
  } satisfies ChangeTable;
  const guard = realmGuard(table, {
    isOff: configuration.isOff,
    realmOf: {
      push_message: messages.realmOf,
      oauth_grant: grants.realmOf,
      oauth_pending: pendingApprovals.realmOf,
    },
  });

  const causeOfRefusal = (change: StoreChange): Refusal | undefined => {
    const realm = guard.realmThatRefuses(change);
    if (realm !== undefined) return refusedByRealm(realm);
    return identities.makesTooLarge(change) ? REFUSED_BY_SIZE : undefined;
  };

  const observed = new ObservedStore();
  return {
    counters,
    committer: {
      async commit(changes) {
        if (isClosed) throw new StoreUnavailable('the store is closed');
        refuseUntold(changes);
        let isDone = false;
        try {
          const refusal = firstRefused(guard.table, changes, causeOfRefusal);
          if (refusal !== undefined) return refusal;
          isDone = true;
        } finally {
          if (isDone) undoLog.forget();
          else undoLog.rollback();
        }
        audit.trim();
        counters.commits += 1;
        counters.changes += changes.length;
        return { committed: true };
      },
    },
    identities: countedReads(counters, identities.reader),
    journeySessions: countedReads(counters, journeys.reader),
    sessions: countedReads(counters, sessions.reader),
    backChannels: countedReads(counters, backChannels.reader),
    throttles: countedReads(counters, throttles.reader),
    audit: countedReads(counters, audit.reader),
    configuration: configuration.reader,
    devices: countedReads(counters, devices.reader),
    oathDevices: countedReads(counters, oathDevices.reader),
    passkeys: countedReads(counters, passkeys.reader),
    boundDevices: countedReads(counters, boundDevices.reader),
    authenticatorMetadata: countedReads(counters, authenticatorMetadata.reader),
    messages: countedReads(counters, messages.reader),
    grants: countedReads(counters, grants.reader),
    parkedRequests: countedReads(counters, parkedRequests.reader),
    replays: countedReads(counters, replays.reader),
    consents: countedReads(counters, consents.reader),
    signingKeys: countedReads(counters, signingKeys.reader),
    pendingApprovals: countedReads(counters, pendingApprovals.reader),
    outbox: countedReads(counters, outbox.reader),
    erasures: countedReads(counters, erasures.reader),
    proposals: countedReads(counters, proposals.reader),
    secrets: {
      get: async (name) => secrets.get(name)?.slice(),
      async getOrCreate(name, make) {
        const value = secrets.get(name) ?? make().slice();
        secrets.set(name, value);
        return value.slice();
      },
    },
    watchOutbox: outboxWatch.watch,
    keys: memoryKeys({
      append(event) {
        audit.changes['audit.append']({ type: 'audit.append', event });
        undoLog.forget();
        audit.trim();
      },
      unheard: instances.unheard,
      holds: (holder, now) => instances.holds('keys', holder, now),
    }),
    // No other process has it.
    mayHaveChangedElsewhere: () => false,
    // Nothing is sealed here.
    watchSeals: () => undefined,
    instances: instances.port,
    auditFeed: {
      begin: async (since) => audit.begin(since),
      next: async ({ holder, now }, limit) =>
        instances.holds('audit-sink', holder, now) ? audit.unsent(limit) : undefined,
      oldestUnsent: async () => audit.oldestUnsent(),
      async sent({ holder, now }, position) {
        if (!instances.holds('audit-sink', holder, now)) return false;
        audit.noteSent(position);
        return true;
      },
    },
    auditChain: methodsOf<AuditChain>(
      auditChainTopic({
        ...audit.chain,
        states: audit.states,
        random: { bytes: (length) => new Uint8Array(randomBytes(length)) },
        ...askingNothing<Pick<ChainParts, 'holds' | 'epoch' | 'append' | 'erased'>>({
          erased: (ids) => ids.filter((id) => erasures.has(id)),
          holds: instances.holds,
          epoch: () => 0,
          append: audit.append,
        }),
      }),
      (begin) => atOnce(begin()),
    ),
    observe: observed.observe,
    pools: () => [],
    async sweep(now, limit, holder) {
      if (holder !== undefined && !instances.holds('sweep', holder, now)) return undefined;
      const due = horizonsAt(now, { ...USUAL_RETENTION, ...options.retention });
      const swept = new Swept(limit);
      swept.add('outbox', outbox.sweep(due.entryDeadBy, swept.left));
      const timeouts = sessions.tellTimeouts(now, swept.toldLeft);
      swept.add('session_timeout', timeouts, timeouts);
      swept.add('session', sessions.sweep(due.sessionExpiredBy, swept.left));
      const excess = sessions.endExcess(now, { sessions: swept.left, told: swept.toldLeft });
      swept.addExcess(excess);
      for (const ended of excess) {
        audit.changes['audit.append']({ type: 'audit.append', event: excessEvent(ended, now, randomUUID()) });
      }
      swept.add('throttle', throttles.sweep(now, due.throttleIdleSince, swept.left));
      swept.add('push_message', messages.sweep(due.messageExpiredBy, swept.left));
      swept.add('device', devices.sweep(now, swept.left));
      const hasEnded =
        (kind: Parameters<typeof hasEndedWithClient>[0]) =>
        (row: { readonly realm: string; readonly clientId: string; readonly clientGeneration?: string }) =>
          hasEndedWithClient(kind, row, configuration.clientOf(row.realm, row.clientId));
      const expiredGrants = grants.sweep(now, swept.left);
      const endedGrants = grants.sweepEnded(hasEnded('grantGeneration'), swept.left - expiredGrants);
      swept.add('grant', expiredGrants + endedGrants);
      swept.add('pending_approval', pendingApprovals.sweep(now, swept.left));
      swept.add('consent', consents.sweepEnded(hasEnded('consentGeneration'), swept.left));
      swept.add('back_channel', backChannels.sweep(due.backChannelExpiredBy, swept.left));
      swept.add('proposal', proposals.sweep(now, swept.left));
      swept.add('parked_request', parkedRequests.sweep(now, swept.left));
      swept.add('replay', replays.sweep(now, swept.left));
      const addExpired = ({ realm, tree }: JourneySession) => swept.addExpired(realm, tree);
      swept.add('journey', journeys.sweep(due.journeyExpiredBy, swept.left, addExpired));
      swept.add('configuration', configuration.sweep(now, due.treeRetiredBy, swept.left));
      swept.add('instance', instances.sweep(due.instanceUnseenSince, swept.left));
      undoLog.forget();
      swept.tellTo(observed.tell);
      return swept.rows;
    },
    async check() {
      if (isClosed) throw new StoreUnavailable('the store is closed');
    },
    async close() {
      isClosed = true;
    },
  };
};
