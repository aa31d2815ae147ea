import { Unavailable } from '@assent/engine';

interface ErrorRow {
  readonly status: number;
  /** What the client reads where nothing better is known; some clients compare these texts (spec: oidc §2). */
  readonly description: string;
}

/**
 * Every error of the protocol, by the code that goes out. The codes are those of RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1, RFC 7009
 * §2.2.1, RFC 8628 §3.5, RFC 9126 §2.3, RFC 9449 §5, OpenID Connect Core §3.1.2.6, and the few of AM's own.
 */
const ERRORS = {
  access_denied: { status: 403, description: 'Resource Owner did not authorize the request' },
  authorization_pending: { status: 400, description: 'The user has not decided yet.' },
  bad_request: { status: 400, description: 'The endSession endpoint requires an id_token_hint parameter' },
  consent_required: { status: 400, description: 'The request requires consent.' },
  expired_token: { status: 400, description: 'The code has expired; begin again.' },
  insufficient_scope: { status: 403, description: 'The access token does not have the scope that this needs.' },
  interaction_required: {
    status: 400,
    description: 'The request requires some interaction that is not allowed.',
  },
  invalid_client: { status: 401, description: 'Client authentication failed' },
  invalid_dpop_proof: { status: 400, description: 'The DPoP proof is invalid.' },
  invalid_grant: { status: 400, description: 'The provided access grant is invalid, expired, or revoked.' },
  invalid_request: { status: 400, description: 'The request is not valid.' },
  invalid_scope: { status: 400, description: 'The scope has a name that is not among the scopes of the client.' },
  invalid_token: { status: 401, description: 'The access token is invalid, expired, or revoked.' },
  login_required: { status: 400, description: 'The request requires login.' },
  not_found: { status: 404, description: 'There is nothing at this address.' },
  redirect_uri_mismatch: {
    status: 400,
    description: 'The redirection URI provided does not match a pre-registered value.',
  },
  registration_not_supported: { status: 400, description: 'The registration parameter is not supported.' },
  request_not_supported: { status: 400, description: 'The request parameter is not supported.' },
  request_uri_not_supported: { status: 400, description: 'The request_uri is not one of this server, or is over.' },
  server_error: { status: 500, description: 'The server could not do this. Try again.' },
  slow_down: { status: 400, description: 'That was too soon; ask five seconds less often.' },
  temporarily_unavailable: { status: 503, description: 'The server is busy. Try again.' },
  unauthorized_client: { status: 400, description: 'The grant_type is not among those of the client.' },
  unmet_authentication_requirements: {
    status: 400,
    description: 'The user did not sign in as strongly as the client asks.',
  },
  unsupported_grant_type: { status: 400, description: 'The grant_type is not supported.' },
  unsupported_response_type: {
    status: 400,
    description: 'The response_type is not supported, or not among those of the client.',
  },
} as const satisfies Readonly<Record<string, ErrorRow>>;

export type OAuthErrorCode = keyof typeof ERRORS;

export interface OAuthErrorOptions extends ErrorOptions {
  /** For the client, in place of the usual text; it may name a parameter, never a value that was sent. */
  readonly description?: string;
  /** For the log alone. */
  readonly detail?: string;
  /** Of HTTP, where the usual one of the code does not say what is wrong with the call itself, such as 404 or 405. */
  readonly status?: number;
  /** When the client may come again. */
  readonly retryAfterSeconds?: number;
  /** Never sent on to the client, though its address is known: what is wrong is between the person and us. */
  readonly staysHere?: boolean;
}

/** The one error of this package; no other place makes an error code. */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly code: OAuthErrorCode;
  readonly description: string;
  readonly detail: string | undefined;
  readonly staysHere: boolean;
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: OAuthErrorCode, options: OAuthErrorOptions = {}) {
    const description = options.description ?? ERRORS[code].description;
    super(`${code}: ${options.detail ?? description}`, options);
    this.code = code;
    this.description = description;
    this.detail = options.detail;
    this.staysHere = options.staysHere ?? false;
    this.status = options.status ?? ERRORS[code].status;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  /** RFC 6749 §5.2. */
  get body(): { readonly error: OAuthErrorCode; readonly error_description: string } {
    return { error: this.code, error_description: this.description };
  }
}

/** What a client is told of what went wrong: a fault of ours has a code, and no more (RFC 6749 §4.1.2.1, §5.2). */
export const tellable = (error: unknown): OAuthError => {
  if (error instanceof OAuthError) return error;
  return new OAuthError(error instanceof Unavailable ? 'temporarily_unavailable' : 'server_error', { cause: error });
};
