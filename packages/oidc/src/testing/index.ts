export { type MemoryOAuthStore, memoryOAuthStore } from './memory-oauth-store.ts';
export { pooledKeys } from './pooled-keys.ts';
export { testClient, testSettings } from './test-client.ts';
