import type { ChangeOf, ChangeType } from '../../ports/store.ts';
import type { ChangeVerbs } from './verb.ts';

/** The tables that changes read and write. */
export const TABLES = [
  'audit',
  'authenticator_metadata',
  'back_channel',
  'bound_device',
  'configuration_change',
  'configuration_version',
  'device',
  'erasure',
  'identity',
  'identity_value',
  'journey_session',
  'leaving_realm',
  'node',
  'oath_device',
  'oauth_client',
  'oauth_consent',
  'oauth_grant',
  'oauth_key',
  'oauth_parked',
  'oauth_pending',
  'oauth_replay',
  'outbox',
  'passkey',
  'proposal',
  'push_message',
  'realm',
  'recovery_code',
  'script',
  'service',
  'session',
  'throttle',
  'tree',
  'user_index',
  'user_index_name',
] as const;
export type Table = (typeof TABLES)[number];

/** A whole table, or the part of a table that has this name: one row, or all rows of one kind. */
export type Reach = Table | readonly [table: Table, part: string];

/** Rows that a commit locks first only where it would otherwise wait for another commit while that one waits for it. */
export interface Contested {
  readonly keys: readonly string[];
  readonly writes: boolean;
}

/** The rows that a commit locks before anything else because of one of its changes. `locksOf` orders them (OPS-05). */
export interface Locks {
  readonly configuration?: true;
  readonly realms?: readonly string[];
  readonly users?: readonly string[];
  /** Devices whose users are locked. */
  readonly devices?: readonly string[];
  /** Journeys. The users of devices that wait for these journeys are locked. */
  readonly journeysOfDevices?: readonly string[];
  /** Sessions, by the hash of their token. */
  readonly sessions?: Contested;
  /** The user whose sessions the change ends: the sessions of one `sid`, or any number of sessions in one statement. */
  readonly endsSessions?: { readonly of: string; readonly isMany: boolean };
  /** Counters, by their subject. */
  readonly counters?: Contested;
  /** Messages. The first message of their request is locked. */
  readonly messages?: readonly string[];
  /** Users whose open requests the change closes. */
  readonly requestsOf?: readonly string[];
}

/** The realm of a change, or the row whose realm it is. */
export type CreatedIn =
  | { readonly realm: string }
  | { readonly table: 'push_message' | 'oauth_grant' | 'oauth_pending'; readonly id: string };

/**
 * When a commit is answered. `disk`: once it is on the disk. `usual`: also once it is on the disk of PostgreSQL; SQLite may lose the last moments
 * when the power fails, unless it opens with `fullSync`. `losable`: at once, on every database (OPS-35).
 */
export type Durability = 'disk' | 'usual' | 'losable';

/** What the store knows about a kind of change before it carries one out. Everything else about the kind is derived from this. */
export interface ChangeFacts<C> {
  /** What it reads and writes. Changes of one commit that meet in nothing are carried out together (OPS-08). */
  readonly tables: readonly Reach[] | ((change: C) => readonly Reach[]);
  /** The rows of these tables that are its only meeting points with other changes of its commit. */
  readonly rows?: (change: C) => readonly Reach[];
  readonly locks?: Locks | ((change: C) => Locks);
  /**
   * Where it creates something, or allows its use: the store refuses that while the realm is switched off (SEC-89). A journey step creates everything
   * in its commit, such as users and devices, and is the one to say so. `nothing` for changes that end, count, ask or record something, or that the
   * caller commits with a journey step or with `realm.usable`.
   */
  readonly creates: 'nothing' | ((change: C) => CreatedIn | undefined);
  /** `usual` where it is absent. */
  readonly durability?: Durability | ((change: C) => Durability);
  /** Whether the change is one statement, so that a commit of this change alone needs no transaction. */
  readonly isOneStatement?: true;
  /** Whether pages that SQLite frees may hold personal data in plain text; then SQLite overwrites them (ADR 108). True where it is absent. */
  readonly freesPlainText?: false | ((change: C) => boolean);
  /** Whether SQLite empties its journal afterwards, which has pages as they were before. */
  readonly isErasure?: true;
}

/** What the store knows about each change of a topic. */
export const defineChanges = <V extends ChangeType>(facts: { readonly [K in V]: ChangeFacts<ChangeOf<K>> }) => facts;

/** A verb for each change that a topic defines. */
export type VerbsOf<F> = ChangeVerbs<Extract<keyof F, ChangeType>>;
