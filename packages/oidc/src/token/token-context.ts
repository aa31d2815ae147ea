import type { Identity } from '@assent/engine';
import type { ClaimRequest } from '../model/grants.ts';
import type { ProviderSettings } from '../model/provider.ts';
import type { ProviderPorts } from '../provider-ports.ts';
import type { Handles } from '../tokens/handles.ts';
import type { JwtClaims } from '../tokens/signed-jwt.ts';
import type { SigningKeys } from '../tokens/signing-keys.ts';

/** What an application learns of a user by scopes, and by what it has asked for one by one. */
export type ClaimsOf = (
  identity: Identity,
  scopes: readonly string[],
  requested: Readonly<Record<string, ClaimRequest | null>> | undefined,
  settings: ProviderSettings,
) => JwtClaims;

/** What endpoints make and read tokens with. */
export interface TokenContext {
  readonly ports: ProviderPorts;
  readonly handles: Handles;
  readonly keys: SigningKeys;
  readonly claimsOf: ClaimsOf;
}
