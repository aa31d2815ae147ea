import type { Clock, Random, RealmSettings } from '@assent/engine';
import type { Change, Committer, IdentityDirectory, ThrottleReader } from '@assent/engine/host';
import type { JWK } from 'jose';
import type { OAuthReaders } from './model/changes.ts';
import type { OAuthClient } from './model/clients.ts';
import type { LoginTemplate } from './model/login-template.ts';
import type { ProviderSettings } from './model/provider.ts';
import type { SignedIn } from './people/signed-in.ts';
import type { Outbound } from './protocol/outbound.ts';
import type { OAuthRequest } from './protocol/request.ts';

/** What a provider needs of the server that it stands in. */
export interface ProviderPorts extends OAuthReaders {
  readonly committer: Committer;
  readonly clock: Clock;
  readonly random: Random;
  readonly identities: Pick<IdentityDirectory, 'find' | 'findById'>;
  /** From the configuration in force. */
  readonly clients: { find(realm: string, id: string): OAuthClient | undefined };
  readonly settings: (realm: RealmSettings) => ProviderSettings;
  /**
   * Who is signed in; undefined for a session of another realm, too. Only a use keeps the session from idling out: what a page asks in
   * the background is none.
   */
  readonly signedIn: (request: OAuthRequest, options?: { readonly isUse?: boolean }) => Promise<SignedIn | undefined>;
  /** Whether a session of that `sid` is still there: what is over is ended again without a word. */
  readonly hasSession: (session: { readonly userId: string; readonly sid: string }) => Promise<boolean>;
  /** Ends sessions of a realm by their `sid`, with all that ends with them: the changes, the trail included, belong into the caller's commit. */
  readonly endOfSession: (
    session: { readonly userId: string; readonly sid: string },
    request: OAuthRequest,
  ) => Promise<readonly Change[]>;
  /** What is kept of the secret of a client, of whatever kind and length: HMAC-SHA-256 under a key of the server (OIDC-14). */
  readonly digestOfSecret: (secret: string) => Uint8Array;
  /** Counters of wrong proofs, those of clients among them. */
  readonly throttles: ThrottleReader;
  /** The keys that a client signs with, those at an address of its own included; the `kid` is which is wanted. */
  readonly keysOfClient: (client: OAuthClient, kid: string | undefined) => Promise<readonly JWK[]>;
  /** The way out to addresses that clients have named. */
  readonly outbound: Outbound;
  /** Tells whoever runs the server of a fault of ours, where the answer goes to a client and names it by a code alone. */
  readonly report: (fault: unknown, request: OAuthRequest) => void;
  /** Where a browser signs in, to come back to `goto`. */
  readonly loginAddress: (to: LoginRequest) => string;
}

/** What the login page is told (spec: oidc §1.5). */
export interface LoginRequest {
  readonly realm: string;
  readonly goto: string;
  /** The journey to run; the default of the realm where absent. */
  readonly tree?: string;
  /** Whether a session that is there does not do. */
  readonly isForced: boolean;
  readonly locale?: string;
  readonly loginHint?: string;
  /** The classes that were asked for, as they were. */
  readonly acrValues?: string;
  readonly isPopup: boolean;
  /** The login page of the realm or of the client; ours where absent. */
  readonly template?: LoginTemplate;
}
