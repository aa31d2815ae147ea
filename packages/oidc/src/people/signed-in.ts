import type { Identity } from '@assent/engine';

/** Something that a node has proven of the user in this session, and when, in milliseconds. */
export interface ProvenAt {
  readonly method: string;
  readonly at: number;
}

/** The user of a request, by a session of this realm that lives, with an account that is in use (spec: oidc §1.5). */
export interface SignedIn {
  /** Names the session for the outside, and outlives its upgrades. */
  readonly sid: string;
  /** Of the token that was shown: what is bound to it, such as a form, is no other session's. */
  readonly tokenHash: string;
  readonly identity: Identity;
  readonly factors: readonly ProvenAt[];
  /** The journeys that it was made and raised by, and when each ended, in milliseconds. */
  readonly journeys: readonly { readonly tree: string; readonly at: number }[];
  /** What authors of journeys have written into the session: never a proof (OIDC-12). */
  readonly properties: Readonly<Record<string, string>>;
}
