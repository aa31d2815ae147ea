import type { ProviderPorts } from '../provider-ports.ts';
import type { Handles } from '../tokens/handles.ts';
import type { SigningKeys } from '../tokens/signing-keys.ts';

/** What endpoints make and read tokens with. */
export interface TokenContext {
  readonly ports: ProviderPorts;
  readonly handles: Handles;
  readonly keys: SigningKeys;
}
