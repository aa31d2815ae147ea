export { type Assent, type ComposeOptions, compose, type FirstScreen } from './compose.ts';
export { createLog, type Logger } from './log.ts';
export { MasterKeyRefused } from './master-key.ts';
export { openStore } from './open-store.ts';
export { PRODUCT } from './product.ts';
export * from './realm-defaults.ts';
export { equipRealm } from './seed.ts';
export * from './settings.ts';
export * from './user-rules.ts';
