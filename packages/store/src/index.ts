export { canonicalJson, canonicalObject } from './chain/canonical-json.ts';
export {
  CHECKPOINT_KEY,
  type CheckpointKey,
  type CheckpointPublicKey,
  checkpointKeyFrom,
} from './chain/checkpoint-key.ts';
export type { ReadableChain } from './chain/readable-chain.ts';
export { type ChainPlace, digestOf, type TrailRow } from './chain/seals.ts';
export { type TrailProblem, type TrailReport, TrailVerifier } from './chain/trail-verifier.ts';
export { verifyStored } from './chain/verify-stored.ts';
export type { CopyListener, CopyResult } from './copy/copy-result.ts';
export { beginMove, callOffMove, endMove } from './copy/final.ts';
export { type HashFault, schemeOfHash, storedHash } from './passwords/imported-hash.ts';
export { commonPasswords } from './passwords/is-common-password.ts';
export { createPasswordHasher } from './passwords/password-hasher.ts';
export type { AuditChain } from './ports/audit-chain.ts';
export type { AuditFeed, FedAuditEvent, FeedHolder } from './ports/audit-feed.ts';
export type { CounterReader } from './ports/counters-of-users.ts';
export type { Instance, Instances } from './ports/instances.ts';
export {
  isSealingKind,
  isSigningKind,
  type KeyKind,
  SEALING_KINDS,
  SIGNING_KINDS,
  type SigningKind,
} from './ports/key-kinds.ts';
export type { KeyRing, KeyState, Keys } from './ports/keys.ts';
export {
  type Store,
  /** @internal Tests of the server write rows that no route writes. */
  type StoreChange,
  StoreRefused,
  StoreReplaced,
} from './ports/store.ts';
export type { StoreObserver } from './ports/store-observer.ts';
export type { BroughtUser } from './ports/users-change.ts';
export { readDatabaseUrl } from './postgres/database-url.ts';
export type { DatabaseFacts } from './postgres/examine-database.ts';
export { KEPT_DATA } from './rules/kept-data.ts';
export { type Lockout, lockoutsOf, lockoutText } from './rules/lockouts.ts';
export type { Retention } from './rules/retention.ts';
export { countersOfUser } from './rules/throttle-subjects.ts';
export {
  LOOK_THROUGH_TURNS,
  MAX_CHARACTERS_LOOKED_THROUGH,
  MAX_CHARACTERS_OF_PAGE,
  MAX_CHARACTERS_OF_TURN,
  MAX_USERS_LOOKED_THROUGH,
} from './rules/user-pages.ts';
export type { PlannedMigration, SchemaPlan } from './schema/plan.ts';
export type { BrokenSeal } from './sealing/broken-seals.ts';
export { masterKeyId } from './sealing/sealer.ts';
export type { MasterKeySource } from './sql/installation/data-keys.ts';
export { type Backup, backupSqlite } from './sqlite/backup.ts';
export { openMemoryStore } from './sqlite/memory-store.ts';
export { migrateSqliteSchema, planSqliteSchema } from './sqlite/open-file.ts';
export { type RestoredFile, restoreSqlite, restoreSqliteInPlace } from './sqlite/restore.ts';
export { openSqliteStore } from './sqlite/sqlite-store.ts';
