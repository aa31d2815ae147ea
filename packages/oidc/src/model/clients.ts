import type { LoginTemplate } from './login-template.ts';

/** A text with its translations; `''` stands for whoever reads none of them. */
export type LocalizedText = Readonly<Record<string, string>>;

/** A scope that a client may ask for, and what a person who is asked reads of it. */
export interface ScopeText {
  readonly name: string;
  /** Absent where nothing was written for people: the consent page then knows the usual ones, and shows the name of others. */
  readonly text?: LocalizedText;
}

/** Scopes with what people who are asked read of them; one that the client does not have has its name alone. */
export const withTextsOfClient = (
  { scopes: own }: { readonly scopes: readonly ScopeText[] },
  scopes: readonly string[],
): readonly ScopeText[] => {
  const known = new Map(own.map((scope) => [scope.name, scope]));
  return scopes.map((name) => known.get(name) ?? { name });
};

export type SigningAlgorithm = 'RS256' | 'ES256';

/** How long what a client gets is good for, in milliseconds. */
export interface Lifetimes {
  readonly code: number;
  readonly access: number;
  /** From one use of it to the next. */
  readonly refresh: number;
  readonly idToken: number;
}

/** A secret that a client may prove itself by. */
export interface ClientSecret {
  /** HMAC-SHA-256 under a key of the server (OIDC-14). */
  readonly digest: Uint8Array;
  /** Made by us, with 256 bits: rate limits never refuse it (SEC-96). */
  readonly isGenerated: boolean;
  /** Milliseconds; absent where it has no end. */
  readonly goodUntil?: number;
}

/**
 * A client as it counts here: what AM's document says of it, over the settings of the provider (spec: oidc §3.2). Whoever
 * makes one has settled every default, so that no endpoint asks twice.
 */
export interface OAuthClient {
  readonly realm: string;
  readonly id: string;
  readonly isActive: boolean;
  /** Random, of this creation of the client; tokens that it got for itself under another generation are no longer valid. */
  readonly generation?: string;
  /** As `generation`, for what users granted: another one where a grant ends with a change of the client. */
  readonly grantGeneration?: string;
  /** As `generation`, for the consents that users saved: another one with each creation of the client. */
  readonly consentGeneration?: string;
  /** A public client can keep no secret, and proves nothing but PKCE. */
  readonly isPublic: boolean;
  /** Empty where it has none yet. While a secret is replaced, the old one may be good beside the new one. */
  readonly secrets: readonly ClientSecret[];
  readonly authMethod: 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | 'none';
  readonly name: LocalizedText;
  readonly description: LocalizedText;
  readonly logoUri?: string;
  readonly policyUri?: string;
  readonly termsUri?: string;
  readonly redirectUris: readonly string[];
  /** Whether a loopback redirect URI stands for all its ports (RFC 8252 §7.3). */
  readonly anyLoopbackPort: boolean;
  readonly postLogoutRedirectUris: readonly string[];
  /** Origins whose pages may call, beside those of the realm. */
  readonly origins: readonly string[];
  readonly scopes: readonly ScopeText[];
  readonly defaultScopes: readonly string[];
  /** As in `grant_type`, such as `authorization_code`. */
  readonly grantTypes: readonly string[];
  /** Each with its words in alphabetical order, such as `code` or `id_token token`. */
  readonly responseTypes: readonly string[];
  readonly lifetimes: Lifetimes;
  /** For how long the refresh token before is answered with the same successor, in milliseconds. */
  readonly refreshGrace: number;
  readonly issuesRefreshTokens: boolean;
  readonly rotatesRefreshTokens: boolean;
  /** Access tokens are JWTs that others can verify by themselves (RFC 9068). */
  readonly jwtAccessTokens: boolean;
  readonly idTokenAlgorithm: SigningAlgorithm;
  readonly requiresPkce: boolean;
  readonly requiresPar: boolean;
  readonly requiresDpop: boolean;
  /** Goes before that of the provider. */
  readonly loginTemplate?: LoginTemplate;
  /** Whether users are asked; they are in any case where a request says `prompt=consent`. */
  readonly asksConsent: boolean;
  /** Classes that are wished for where a request names none, the best liked first. */
  readonly defaultAcrValues: readonly string[];
  /** A class that every sign-in of this client must meet. */
  readonly requiredAcr?: string;
  /** Seconds. */
  readonly defaultMaxAge?: number;
  /** Where it is told that a session is over; it is always told which, so that it need not ask for that. */
  readonly backchannelLogoutUri?: string;
  /** A JSON Web Key Set, or where it is found: for what the client signs. */
  readonly keys?: { readonly set: string } | { readonly uri: string };
}
