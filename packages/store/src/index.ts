export { type MemoryStoreOptions, openMemoryStore } from './memory/memory-store.ts';
export { createPasswordHasher, type PasswordHasher, type PasswordHasherOptions } from './passwords/password-hasher.ts';
export {
  type Secrets,
  type Store,
  type StoreChange,
  type StoreCounters,
  StoreRefused,
  StoreUnavailable,
} from './ports/store.ts';
export type { BrokenSeal } from './sealing/broken-seals.ts';
export { openSqliteStore, type SqliteStoreOptions } from './sqlite/sqlite-store.ts';
