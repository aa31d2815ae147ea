import { createHash } from 'node:crypto';
import { Unavailable } from '@assent/engine';
import {
  type AuditEvent,
  type Change,
  type Committer,
  type ConfigurationChange,
  type EngineChange,
  type FairQueue,
  fairQueue,
  type Timer,
} from '@assent/engine/host';
import { after } from '../platform/system-ports.ts';
import type { CommitAuthority } from './commit-authority.ts';
import type { LiveConfiguration } from './live-configuration.ts';
import { checkRealmQuota } from './realm-quota.ts';

/** What follows from the configuration in force: nothing to write where `change` is absent. */
export interface Decision {
  readonly change?: Omit<ConfigurationChange, 'type' | 'seenVersion'>;
  /** What else changes with it, in its commit. */
  readonly consequences?: readonly Change[];
  /** Written by the commit of the change; a store takes no change without one. */
  readonly events?: readonly AuditEvent[];
}

const auditRow = (event: AuditEvent): EngineChange => ({ type: 'audit.append', event });

/** Another instance that is first this often does more than administer. */
const MAX_TRIES = 16;

/** The store refuses a change though nobody else was first: something of it contradicts what is there, such as a realm that still goes. */
export class ChangeRefused extends Error {
  override readonly name = 'ChangeRefused';
}

/** Something that was to change with the configuration cannot: there is no second try. */
export class ConsequenceRefused extends Error {
  override readonly name = 'ConsequenceRefused';
  readonly type: string;

  constructor(type: string) {
    super(`${type} was refused`);
    this.type = type;
  }
}

/** The caller may not do it any more: the commit named a condition of its authority as what has failed (SEC-91). */
export class AuthorityLost extends Error {
  override readonly name = 'AuthorityLost';
  readonly refused: string;

  constructor(refused: string) {
    super(`${refused} was refused`);
    this.refused = refused;
  }
}

/** How many changes wait at most, and how many of one realm: a client that sends so many at once has to slow down. */
const BOUNDS = { most: 64, mostOfRealm: 16, deadlineMillis: 5_000 };

interface Limits {
  readonly timer?: Timer;
  /** How large the documents of one realm may be; unlimited for commands of the operator. */
  readonly mebibytesOfRealm?: number;
}

/** Changes of the configuration, one at a time and in turns of the realms of their callers (SEC-93), each seen by this instance as soon as it is answered. */
export class ConfigurationWrites {
  readonly #live: LiveConfiguration;
  readonly #committer: Committer;
  readonly #queue: FairQueue;
  readonly #mebibytesOfRealm: number;

  constructor(
    live: LiveConfiguration,
    committer: Committer,
    { timer = after, mebibytesOfRealm = Infinity }: Limits = {},
  ) {
    this.#mebibytesOfRealm = mebibytesOfRealm;
    this.#queue = fairQueue({ concurrency: 1, ...BOUNDS, timer });
    this.#live = live;
    this.#committer = committer;
  }

  /**
   * Commits what `decide` makes of the configuration in force, with its audit events (SEC-80), if that is still in force then (SEC-72);
   * where another instance was first, it decides again. The conditions of the authority stand first in each try. Throws {@link ChangeRefused} for what
   * would be refused each time, {@link RealmQuotaExceeded} for what makes a realm too large, and {@link AuthorityLost} where the caller may
   * not do it any more.
   */
  decided<D extends Decision>(authority: CommitAuthority, decide: () => D): Promise<D> {
    return this.#queue(authority.lane, () => this.#decidedInTurn(authority, decide));
  }

  async #decidedInTurn<D extends Decision>(authority: CommitAuthority, decide: () => D): Promise<D> {
    await this.#live.refresh();
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      await this.#live.refreshNodes();
      const decision = decide();
      if (decision.change === undefined) return decision;
      checkRealmQuota(decision.change, (realm) => this.#live.documentsOf(realm), this.#mebibytesOfRealm);
      const change = { type: 'configuration.change', seenVersion: this.#live.version, ...decision.change } as const;
      const { consequences = [], events = [] } = decision;
      const authorised = authority.conditionsNow();
      if ('refused' in authorised) throw new AuthorityLost(authorised.refused);
      const { conditions } = authorised;
      const result = await this.#committer.commit([...conditions, change, ...consequences, ...events.map(auditRow)]);
      if (result.committed) this.#live.noteChange(change);
      await this.#live.refresh();
      if (result.committed) return decision;
      const { refused } = result;
      if (consequences.some(({ type }) => type === refused)) throw new ConsequenceRefused(refused);
      if (conditions.some(({ type }) => type === refused)) throw new AuthorityLost(refused);
      if (refused === change.type && this.#live.version === change.seenVersion)
        throw new ChangeRefused('the store refuses the change, and nobody was first');
    }
    throw new Unavailable('other instances change the configuration all the time');
  }
}

/** The same value, whose members stand in order: what is made of it is the same wherever it was kept. */
export const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
};

/** AM's kind of `_rev`: a signed 32-bit number that changes with the content, whatever the order of its members. */
export const contentRevision = (content: unknown): string =>
  String(
    createHash('sha256')
      .update(JSON.stringify(sorted(content)))
      .digest()
      .readInt32BE(),
  );
