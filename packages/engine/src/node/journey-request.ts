import type { Session } from '../model/sessions.ts';

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
  /** Names the caller's browser where the user has signed in with it before (SEC-57). */
  browserKnownTo?(userId: string): string | undefined;
  readonly transactionId: string;
  /** The session that the caller presented, if it is live and of this realm. */
  readonly session?: Session;
}
