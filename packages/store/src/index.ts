export { openMemoryStore } from './memory/memory-store.ts';
export { createPasswordHasher } from './passwords/password-hasher.ts';
export type {
  Store,
  StoreChange,
} from './ports/store.ts';
export type { BrokenSeal } from './sealing/broken-seals.ts';
export { openSqliteStore } from './sqlite/sqlite-store.ts';
