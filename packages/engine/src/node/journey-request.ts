import type { Session } from '../model/sessions.ts';
import type { BrowserKnownBy, BrowserOwner } from '../model/throttle.ts';

/** What a page of ours says that its browser can do, in the words of the standard (WebAuthn Level 3 §5.8.7 "Client Capability Enumeration"). */
export type PageCapability = 'userVerifyingPlatformAuthenticator' | 'conditionalCreate';

/** What the browser or app said beside its callbacks. */
export interface JourneyRequest {
  /** By name; undefined where the header is absent, or is one that no journey is shown (`withheld-names.ts`). */
  header(name: string): string | undefined;
  /** How often it was sent; a header that stands twice is not one that stands once with a comma. */
  headerCount(name: string): number;
  /** All headers by lower-case name, without those that no journey is shown; absent where nobody needs them. */
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  /** Values of the headers in which a client signs in without a page, by lower-case name: for the node made for that alone. */
  readonly signInHeaders?: Readonly<Record<string, readonly string[]>>;
  /** Query parameters by name, without those that carry a token. */
  readonly parameters?: Readonly<Record<string, readonly string[]>>;
  /** Cookies by name, without those of the server's own. */
  readonly cookies?: Readonly<Record<string, string>>;
  /** What the reader prefers, best first. */
  readonly locales: readonly string[];
  /** Of the peer, or what a trusted proxy says of it (SEC-63). */
  readonly clientAddress: string;
  /**
   * Names the caller's browser where the user has shown a second factor in it before, under the credentials of this version (SEC-57, SEC-86). By
   * `sentCode` also where that was a code to an address that the user still has, by `password` also where the password was all that the user had, by
   * `mailbox` also where the user has followed a link there to an address that the user still has.
   */
  browserKnownTo?(owner: BrowserOwner, by: BrowserKnownBy): string | undefined;
  /** Whether the caller keeps the cookie by which a browser is known: one on a page of ours. */
  readonly canBecomeKnown?: boolean;
  /** Whether one of our own pages calls, and says so of its browser; of any other client nobody knows. */
  pageCan?(capability: PageCapability): boolean;
  readonly transactionId: string;
  /** The session that the caller presented, if it is live and of this realm. */
  readonly session?: Session | undefined;
}
