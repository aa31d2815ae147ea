export type { BrokenSeal } from './broken-seals.ts';
export { type MemoryStoreOptions, openMemoryStore } from './memory/memory-store.ts';
export { createPasswordHasher, type PasswordHasher, type PasswordHasherOptions } from './password-hasher.ts';
export { openSqliteStore, type SqliteStoreOptions } from './sqlite/sqlite-store.ts';
export {
  type Secrets,
  type Store,
  type StoreChange,
  type StoreCounters,
  StoreRefused,
  StoreUnavailable,
} from './store.ts';
