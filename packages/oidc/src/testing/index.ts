export {
  authorizeHarness,
  CB,
  errorOf,
  ISSUER,
  landed,
  TOKEN,
  TOKEN_HASH,
  usualRequest,
} from './authorize-harness.ts';
export { pooledKeys } from './pooled-keys.ts';
export { type StoredOAuthPorts, storedOAuthPorts } from './stored-oauth-ports.ts';
export { testClient, testSettings } from './test-client.ts';
export {
  basic,
  bodyOf,
  type CallOptions,
  JANES_SESSION,
  type TestProvider,
  type TestProviderOptions,
  testProvider,
  WITH_SECRET,
} from './test-provider.ts';
