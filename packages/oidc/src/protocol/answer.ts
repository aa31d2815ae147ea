import type { LocalizedText, ScopeText } from '../model/clients.ts';
import type { OAuthRequest } from './request.ts';

type Headers = Readonly<Record<string, string>>;

/** A page that the host renders, in the language of who reads it. */
export type OAuthPage =
  | {
      readonly kind: 'consent';
      readonly client: {
        readonly id: string;
        readonly name: LocalizedText;
        readonly description: LocalizedText;
        readonly logoUri?: string;
        readonly policyUri?: string;
        readonly termsUri?: string;
      };
      readonly username: string;
      readonly scopes: readonly ScopeText[];
      /** What the form sends back beside the decision. */
      readonly fields: Readonly<Record<string, string>>;
      /** Where a browser may go on to after the form: the origin or the scheme of the redirect URI (spec: oidc §1.6). */
      readonly formTarget: string;
    }
  /** The answer as a form that sends itself (OAuth 2.0 Form Post Response Mode §2). */
  | { readonly kind: 'formPost'; readonly action: string; readonly fields: Readonly<Record<string, string>> }
  | { readonly kind: 'error'; readonly code: string; readonly description: string }
  /** The form sends the fields back where the user agrees. */
  | { readonly kind: 'signOut'; readonly fields: Readonly<Record<string, string>> }
  | { readonly kind: 'signedOut' }
  | { readonly kind: 'deviceCode'; readonly problem?: 'unknown' | 'tooMany'; readonly userCode?: string }
  | {
      readonly kind: 'deviceConsent';
      readonly client: { readonly id: string; readonly name: LocalizedText };
      readonly username: string;
      readonly scopes: readonly ScopeText[];
      /** As the device shows it, so that the user can compare (RFC 8628 §3.3.1). */
      readonly userCode: string;
      /** What the form sends back beside the decision. */
      readonly fields: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'deviceDone'; readonly isApproved: boolean };

export type OAuthAnswer =
  | { readonly kind: 'json'; readonly status: number; readonly body: unknown; readonly headers?: Headers }
  /** Always 302 with an empty body: the official clients take no other (spec: oidc §2.1). */
  | { readonly kind: 'redirect'; readonly location: string; readonly endsSession?: boolean }
  | { readonly kind: 'empty'; readonly endsSession?: boolean }
  | { readonly kind: 'page'; readonly status: number; readonly page: OAuthPage; readonly endsSession?: boolean };

export const json = (body: unknown, status = 200, headers?: Headers): OAuthAnswer => ({
  kind: 'json',
  status,
  body,
  ...(headers && { headers }),
});

/** What stands at an address: answers, or throws an `OAuthError`. */
export type Endpoint = (request: OAuthRequest) => Promise<OAuthAnswer>;
