import type { OAuthClient } from '../model/clients.ts';
import type { ClaimsRequest } from '../model/grants.ts';
import type { ProviderSettings } from '../model/provider.ts';
import type { Parameters } from '../protocol/request.ts';
import type { ProviderPorts } from '../provider-ports.ts';
import type { RequestMarks } from '../tokens/request-marks.ts';
import type { SigningKeys } from '../tokens/signing-keys.ts';

export type ResponseType = 'code' | 'none' | 'id_token';
export type ResponseMode = 'query' | 'fragment' | 'form_post';
export type Prompt = 'none' | 'login' | 'consent';

/** A request for an authorization, as far as the rules before have got with it; each of them adds what it has proven. */
export interface CheckedRequest {
  readonly client: OAuthClient;
  /** Of the request itself, or of the one that its client has pushed. */
  readonly parameters: Parameters;
  /** As the address says them, without the mark of the way back: what leads to this very request again. */
  readonly address: Parameters;
  /** Absent only where the answer needs none. Whatever is wrong after it is there is told to the client. */
  readonly redirectUri?: string;
  readonly responseType: ResponseType;
  readonly responseMode: ResponseMode;
  readonly state?: string;
  readonly nonce?: string;
  /** Of PKCE, `S256`. */
  readonly challenge?: string;
  /** Thumbprint of the key that the code is to be bound to. */
  readonly jkt?: string;
  readonly scopes: readonly string[];
  readonly prompts: ReadonlySet<Prompt>;
  /** Seconds. */
  readonly maxAge?: number;
  readonly claims?: ClaimsRequest;
  /** The classes that the request wishes for, the best liked first. */
  readonly acrValues: readonly string[];
  /** The journey that the request names (AM's `service`). */
  readonly tree?: string;
  /** The `sub` that the request expects to be signed in. */
  readonly expectedSubject?: string;
  readonly loginHint?: string;
  readonly locale?: string;
  readonly isPopup: boolean;
  /** The pushed request that this is, to be spent with the code. */
  readonly parkedIdHash?: string;
  /** When the browser was sent to sign in for this very request, milliseconds; absent before that. */
  readonly since?: number;
}

export interface CheckContext {
  readonly ports: Pick<ProviderPorts, 'parkedRequests' | 'clock'>;
  readonly provider: ProviderSettings;
  readonly marks: RequestMarks;
  readonly keys: Pick<SigningKeys, 'byKid'>;
}

/** One rule: throws an `OAuthError`, or says what it has learnt. */
export type Check = (
  request: CheckedRequest,
  context: CheckContext,
) => Partial<CheckedRequest> | Promise<Partial<CheckedRequest>>;

/** A request of which nothing is known but who asks. */
export const unchecked = (client: OAuthClient, parameters: Parameters): CheckedRequest => ({
  client,
  parameters,
  address: parameters,
  responseType: 'code',
  responseMode: 'query',
  scopes: [],
  prompts: new Set(),
  acrValues: [],
  isPopup: false,
});

/** The words of a list parameter; a word twice counts once. */
export const wordsOf = (list: string | undefined): readonly string[] => [
  ...new Set((list ?? '').split(' ').filter((word) => word !== '')),
];
