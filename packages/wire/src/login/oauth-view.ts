import type { PagePicture, RealmAppearance } from './login-view.ts';

/** An application as people read of it: one line each, in a language of theirs, and nothing in them but text. */
export interface AppOnPage {
  readonly name: string;
  readonly description?: string;
  /** As a `data:` URI: nobody else is asked for a picture, and so told who signs in. */
  readonly logo?: PagePicture;
  /** Of the web. */
  readonly policyUri?: string;
  readonly termsUri?: string;
}

/** A scope; without a text of the application's own, the page knows the usual ones and shows the name of others. */
export interface ScopeOnPage {
  readonly name: string;
  readonly text?: string;
}

type Fields = Readonly<Record<string, string>>;

/** A page of the provider as it is shown: what others wrote in it has been chosen for the reader, cleaned and cut. */
export type OAuthScreen =
  | {
      readonly kind: 'consent';
      readonly app: AppOnPage;
      readonly username: string;
      readonly scopes: readonly ScopeOnPage[];
      readonly fields: Fields;
      /** Where the answer leads; absent for an app on the device itself. */
      readonly host?: string;
    }
  | { readonly kind: 'formPost'; readonly action: string; readonly host: string; readonly fields: Fields }
  | { readonly kind: 'error'; readonly code: string; readonly description: string }
  | { readonly kind: 'signOut'; readonly fields: Fields }
  | { readonly kind: 'signedOut' }
  | { readonly kind: 'deviceCode'; readonly problem?: 'unknown' | 'tooMany'; readonly userCode?: string }
  | {
      readonly kind: 'deviceConsent';
      readonly app: AppOnPage;
      readonly username: string;
      readonly scopes: readonly ScopeOnPage[];
      readonly userCode: string;
      readonly fields: Fields;
    }
  | { readonly kind: 'deviceDone'; readonly isApproved: boolean };

/** Somebody who is shown a page of the provider. */
export interface OAuthVisit {
  /** The folder of all our pages, such as `https://id.example.com/am/`. */
  readonly context: string;
  readonly realm: string;
  readonly appearance: RealmAppearance;
  /** The header `Cookie`. */
  readonly cookies: string;
  /** Languages that the browser prefers, best first. */
  readonly languages: readonly string[];
  /** The language that was chosen on the page before; goes before all else, if it is one of ours. */
  readonly chosen?: string;
  /** The language that the request asks for. */
  readonly locale?: string;
  /** Allows the style sheets in the page; of this answer alone. */
  readonly nonce: string;
  /** By which the log tells more of what went wrong. */
  readonly reference: string;
  /** What the page shows to somebody who reads that language. */
  screenIn(language: string): OAuthScreen;
}

/** A page of the provider as HTML. */
export interface RenderedOAuthPage {
  readonly html: string;
  readonly cookies: readonly string[];
}

/** Renders the pages of the provider on the server: the same way as the login page (docs/adr/0021), and without a script. */
export interface OAuthView {
  render(visit: OAuthVisit): RenderedOAuthPage;
}

/** What the built view exports: `template` is the built HTML of the pages. */
export type CreateOAuthView = (template: string) => OAuthView;
