import type { RealmSettings } from '@assent/engine';

/** What an address or a form says, by name: each at most once (OIDC-01; RFC 6749 §3.1). */
export type Parameters = Readonly<Record<string, string | undefined>>;

/** One request to an endpoint of a realm's provider. */
export interface OAuthRequest {
  readonly method: 'GET' | 'POST';
  readonly realm: RealmSettings;
  /** Of the address for a GET, of the form for a POST: an endpoint reads one of the two, never both. */
  readonly parameters: Parameters;
  /** A header, by its lower-case name. */
  readonly header: (name: string) => string | undefined;
  /** The address that was asked, without its query, as the outside sees it (RFC 9449 §4.3, `htu`). */
  readonly address: string;
  /** The query of that address as it was sent, without its question mark. */
  readonly query: string;
  /** Whether a person waits for a page, and not a program for an answer. */
  readonly isNavigation: boolean;
  readonly clientAddress: string;
  readonly transactionId: string;
  /** Whether the session is shown by the header of embedded logins: no browser is there then, and none is sent anywhere. */
  readonly hasSessionHeader: boolean;
}
