import { createHash } from 'node:crypto';
import { Unavailable } from '@assent/engine';
import type {
  AuditEvent,
  Change,
  Committer,
  ConfigurationChange,
  ConfigurationStore,
  EngineChange,
} from '@assent/engine/host';
import { ConfigurationMoved, Turns } from '@assent/engine/host';
import type { LiveConfiguration } from './live-configuration.ts';

/** What follows from the configuration in force: nothing to write where `change` is absent. */
export interface Decision {
  readonly change?: Omit<ConfigurationChange, 'type' | 'seenVersion'>;
  /** What else changes with it, in its commit. */
  readonly consequences?: readonly Change[];
  /** Written by the commit of the change. */
  readonly events?: readonly AuditEvent[];
}

const auditRow = (event: AuditEvent): EngineChange => ({ type: 'audit.append', event });

/** Another instance that is first this often does more than administer. */
const MAX_TRIES = 16;
const OVERTAKEN = 'other instances change the configuration all the time';

/** The store refuses a change though nobody else was first: something of it contradicts what is there, such as a name that another has. */
class ChangeRefused extends Error {
  override readonly name = 'ChangeRefused';
}

/** Writes what has just been changed to the audit trail. */
export type RecordChange = (event: AuditEvent) => Promise<unknown>;

/** Changes of the configuration, one at a time, each seen by this instance as soon as it is answered. */
export class ConfigurationWrites {
  readonly #store: ConfigurationStore;
  readonly #live: LiveConfiguration;
  readonly #committer: Committer;
  readonly #turns = new Turns();

  constructor(store: ConfigurationStore, live: LiveConfiguration, committer: Committer) {
    this.#store = store;
    this.#live = live;
    this.#committer = committer;
  }

  /**
   * `work` reads what is in force now, writes once what follows from it, and records that; nobody is in between (SEC-72). Where another
   * instance was first, it reads again.
   */
  async inTurn<T>(work: (store: ConfigurationStore, record: RecordChange) => Promise<T>): Promise<T> {
    const end = await this.#turns.take('configuration');
    try {
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        await this.#live.refresh();
        try {
          const store = this.#store.onlyAt(this.#live.version);
          const result = await work(store, (event) => this.#committer.commit([auditRow(event)]));
          await this.#live.refresh();
          return result;
        } catch (error) {
          if (!(error instanceof ConfigurationMoved)) throw error;
        }
      }
      throw new Unavailable(OVERTAKEN);
    } finally {
      end();
    }
  }

  /**
   * Commits what `decide` makes of the configuration in force, with its audit events, if that is still in force then;
   * where another instance was first, it decides again. Throws `ChangeRefused` for what would be refused each time.
   */
  decided<D extends Decision>(decide: () => D): Promise<D> {
    return this.inTurn(async () => {
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        await this.#live.refreshNodes();
        const decision = decide();
        if (decision.change === undefined) return decision;
        const change = { type: 'configuration.change', seenVersion: this.#live.version, ...decision.change } as const;
        const events = (decision.events ?? []).map(auditRow);
        const { consequences = [] } = decision;
        const result = await this.#committer.commit([change, ...consequences, ...events]);
        if (result.committed) {
          this.#live.noteChange(change);
          return decision;
        }
        await this.#live.refresh();
        if (result.refused === change.type && this.#live.version === change.seenVersion)
          throw new ChangeRefused('the store refuses the change, and nobody was first');
      }
      throw new Unavailable(OVERTAKEN);
    });
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
