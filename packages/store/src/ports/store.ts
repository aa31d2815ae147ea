import { type Clock, Unavailable } from '@assent/engine';
import type {
  AuditReader,
  BackChannelReader,
  Committer,
  ConfigurationReader,
  EngineChange,
  ErasureReader,
  IdentityDirectory,
  JourneySessionReader,
  OutboxReader,
  ProposalReader,
  SessionReader,
} from '@assent/engine/host';
import type {
  AuthenticatorMetadataChange,
  AuthenticatorMetadataReader,
  BoundDeviceReader,
  FactorChange,
  OathDeviceReader,
  PasskeyReader,
  RecoveryCodeReader,
} from '@assent/factors';
import type { OAuthChange, OAuthReaders } from '@assent/oidc';
import type { DeviceChange, DeviceReader, MessageChange, MessageReader } from '@assent/push';
import type { BrokenSeal } from '../sealing/broken-seals.ts';
import type { AuditChain } from './audit-chain.ts';
import type { AuditFeed } from './audit-feed.ts';
import type { CounterReader } from './counters-of-users.ts';
import type { Instances } from './instances.ts';
import type { Keys } from './keys.ts';
import type { OutboxListener } from './outbox-watch.ts';
import type { PoolState, StoreObserver } from './store-observer.ts';
import type { UsersChange } from './users-change.ts';

/** Every change that a commit may hold. */
export type StoreChange =
  | EngineChange
  | DeviceChange
  | FactorChange
  | AuthenticatorMetadataChange
  | MessageChange
  | OAuthChange
  | UsersChange;
export type ChangeType = StoreChange['type'];
export type ChangeOf<V extends ChangeType> = Extract<StoreChange, { readonly type: V }>;

/** A function for each type of change: applies the change, and tells whether it did. */
export type ChangesOf<V extends ChangeType> = { readonly [K in V]: (change: ChangeOf<K>) => boolean };
export type ChangeTable = ChangesOf<ChangeType>;

/** What a store has done so far, for the budgets of reads and writes. */
export interface StoreCounters {
  reads: number;
  /** Commits that were applied. */
  commits: number;
  /** Changes in them. */
  changes: number;
  /** How often those commits waited for a database that is elsewhere; without one it stays 0 (OPS-08). */
  flights: number;
  /** Statements that reads and commits executed; SQLite counts none for the beginning and the end of a transaction. */
  statements: number;
  /** Rows that those statements returned. */
  rows: number;
}

/** Small secrets of the installation, such as its signing key; sealed at rest. */
export interface Secrets {
  /** The stored value, if there is one. */
  get(name: string): Promise<Uint8Array | undefined>;
  /** The stored value, or what `make` gives, stored for whoever asks next. */
  getOrCreate(name: string, make: () => Uint8Array): Promise<Uint8Array>;
}

/** Everything that lasts. */
export interface Store extends OAuthReaders {
  readonly committer: Committer;
  readonly identities: IdentityDirectory;
  readonly journeySessions: JourneySessionReader;
  readonly sessions: SessionReader;
  readonly backChannels: BackChannelReader;
  readonly throttles: CounterReader;
  readonly audit: AuditReader;
  readonly configuration: ConfigurationReader;
  readonly devices: DeviceReader & RecoveryCodeReader;
  readonly oathDevices: OathDeviceReader;
  readonly passkeys: PasskeyReader;
  readonly boundDevices: BoundDeviceReader;
  readonly authenticatorMetadata: AuthenticatorMetadataReader;
  readonly messages: MessageReader;
  readonly outbox: OutboxReader;
  readonly erasures: ErasureReader;
  readonly proposals: ProposalReader;
  readonly secrets: Secrets;
  readonly keys: Keys;
  readonly counters: StoreCounters;
  /** The time that all who share this store agree about; absent where that is the time of this machine. */
  readonly clock?: Clock;
  /** Tells of what this process puts into the outbox, so that it is sent at once, and of what there is no place for. */
  watchOutbox(listener: OutboxListener): void;
  /** Whether another process may have committed something since this was last asked. */
  mayHaveChangedElsewhere(): boolean;
  /** Tells of each record that does not open, once; for everybody else it is not there (SEC-74). */
  watchSeals(listener: (broken: BrokenSeal) => void): void;
  readonly instances: Instances;
  readonly auditChain: AuditChain;
  readonly auditFeed: AuditFeed;
  /** Tells from now on of what the store does by itself; nobody else hears of it. */
  observe(observer: StoreObserver): void;
  /** The pools of connections to a database that is elsewhere; none without one. */
  pools(): readonly PoolState[];
  /**
   * Deletes at most `limit` rows that nobody can need any more, and returns how many; fewer than `limit`: none is left. Of holders that are
   * named, one does it until it leaves, or is not heard of any more; for another it is undefined, and nothing is deleted (OPS-32).
   */
  sweep(now: number, limit: number, holder?: string): Promise<number | undefined>;
  /** Throws where the store cannot be read and written. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** The store cannot be opened as it is; the message tells an operator what to do. */
export class StoreRefused extends Error {
  override readonly name = 'StoreRefused';
}

/** The store failed at work (disk full, locked, closed): nothing of the commit was kept, and later it may work again. */
export class StoreUnavailable extends Unavailable {
  override readonly name = 'StoreUnavailable';
}

/**
 * The store was told to commit, and nothing tells whether it did: it may have, unlike with `StoreUnavailable`. Whoever repeats
 * the same request is told what became of it (SEC-19, SEC-39, OPS-10).
 */
export class StoreUncertain extends Unavailable {
  override readonly name = 'StoreUncertain';
}

/**
 * The database is not the one any more that this process has opened: somebody has put back an older one, or moved it. What the process
 * remembers of it is wrong, so it has to end; the message tells an operator what to do (OPS-61).
 */
export class StoreReplaced extends Error {
  override readonly name = 'StoreReplaced';
}
