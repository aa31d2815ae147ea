/** Where the two do not answer alike, and why. */
export interface Difference {
  readonly ours: string;
  readonly theirs: string;
  readonly cases: readonly string[];
}

/** By the reason, with the section that leaves it open, or that one of the two does not keep. */
export const DIFFERENCES: Readonly<Record<string, readonly Difference[]>> = {
  "AM's code, which its clients know: RFC 6749 §4.1.2.1 has none for what is told to nobody but the person": [
    {
      ours: '400 redirect_uri_mismatch',
      theirs: '400 invalid_request',
      cases: ['authorize: no redirect_uri', 'authorize: an empty redirect_uri'],
    },
    {
      ours: '400 redirect_uri_mismatch',
      theirs: '400 invalid_redirect_uri',
      cases: [
        'authorize: a foreign redirect_uri',
        'authorize: a redirect_uri with a slash more',
        'authorize: a redirect_uri with a query',
        'authorize: a redirect_uri of another client',
        'authorize: another path of it',
        'authorize: localhost in its place',
        'authorize: a foreign redirect_uri by form_post',
        'authorize, signed out: a foreign redirect_uri and prompt none',
        'authorize by POST: a foreign redirect_uri',
      ],
    },
  ],
  'RFC 6749 §3.3 lets the usual scopes of the client stand in; a nonce without openid has no meaning, and OpenID Connect Core §3.1.2.1 forbids none':
    [
      {
        ours: 'to https://app.example/cb by query: code iss state',
        theirs: 'to https://app.example/cb by query: error=invalid_request iss state',
        cases: ['authorize: no scope', 'authorize: an empty scope', 'authorize: a nonce without openid'],
      },
    ],
  'Programs of a machine are always asked there (RFC 8252 §8.6); here the client says whether its users are asked': [
    {
      ours: 'to http://127.0.0.1/cb by query: code iss state',
      theirs: 'asks for consent',
      cases: ['authorize: a loopback address'],
    },
    {
      ours: 'to http://127.0.0.1:49152/cb by query: code iss state',
      theirs: 'asks for consent',
      cases: ['authorize: another port of it'],
    },
  ],
  'Here they only look at a session, which needs nobody (RFC 9700 §2.1.2)': [
    {
      ours: 'to https://app.example/cb by query: error=unsupported_response_type iss state',
      theirs: 'to https://app.example/cb by query: iss state',
      cases: ['authorize: response_type none, aloud'],
    },
    {
      ours: 'to https://app.example/cb by fragment: error=unsupported_response_type iss state',
      theirs: 'to https://app.example/cb by fragment: id_token state',
      cases: ['authorize: response_type id_token, aloud'],
    },
  ],
  'RFC 9207 §2 asks for iss in every answer; there it is left to the ID token': [
    {
      ours: 'to https://app.example/cb by fragment: id_token iss state',
      theirs: 'to https://app.example/cb by fragment: id_token state',
      cases: ['authorize: response_type id_token, silently'],
    },
    {
      ours: 'to https://app.example/cb by fragment: error=interaction_required iss state',
      theirs: 'to https://app.example/cb by fragment: error=login_required iss state',
      cases: ['authorize, signed out: response_type id_token, silently'],
    },
  ],
  'The scope is what is wrong (RFC 6749 §4.1.2.1)': [
    {
      ours: 'to https://app.example/cb by fragment: error=invalid_scope iss state',
      theirs: 'to https://app.example/cb by fragment: error=invalid_request iss state',
      cases: ['authorize: response_type id_token without openid'],
    },
  ],
  'unsupported_response_mode is in no registry; OAuth 2.0 Multiple Response Types §2.1 names no error': [
    {
      ours: 'to https://app.example/cb by query: error=invalid_request iss state',
      theirs: 'to https://app.example/cb by query: error=unsupported_response_mode iss state',
      cases: ['authorize: an unknown response_mode'],
    },
    {
      ours: '400 invalid_request',
      theirs: '400 unsupported_response_mode',
      cases: ['par with: an unknown response_mode'],
    },
  ],
  'Here it means login, as OpenID Connect Core §3.1.2.1 lets it': [
    {
      ours: 'asks for login',
      theirs: 'to https://app.example/cb by query: error=invalid_request iss state',
      cases: ['authorize: prompt select_account'],
    },
  ],
  'The official SDKs go on for interaction_required alone; OpenID Connect Core §3.1.2.6 has both': [
    {
      ours: 'to https://app.example/cb by query: error=interaction_required iss state',
      theirs: 'to https://app.example/cb by query: error=login_required iss state',
      cases: [
        'authorize: max_age of nothing, silently',
        'authorize, signed out: prompt none',
        'authorize, signed out: prompt none and consent implied',
        'authorize, signed out: response_type none, silently',
      ],
    },
  ],
  'invalid_scope is the answer of RFC 6749 §3.3 and of AM; there an unknown scope is ignored, as OpenID Connect Core §3.1.2.1 would have it':
    [
      {
        ours: 'to https://app.example/cb by query: error=invalid_scope iss state',
        theirs: 'to https://app.example/cb by query: code iss state',
        cases: ['authorize: an unknown scope'],
      },
      {
        ours: 'to https://app.example/cb by query: error=invalid_scope iss state',
        theirs: 'to https://app.example/cb by query: error=invalid_request iss state',
        cases: ['authorize: a scope in another case'],
      },
      {
        ours: 'to https://app.example/cb by query: error=invalid_scope iss state',
        theirs: 'asks for login',
        cases: ['authorize, signed out: an unknown scope'],
      },
      {
        ours: '400 invalid_scope',
        theirs: '200',
        cases: ['client credentials of: a service with an unknown scope', 'device/code with an unknown scope'],
      },
      { ours: '400 invalid_scope', theirs: '201', cases: ['par with: an unknown scope'] },
    ],
  'Both members are optional (OpenID Connect Core §5.5)': [
    {
      ours: 'to https://app.example/cb by query: code iss state',
      theirs: 'to https://app.example/cb by query: error=invalid_request iss state',
      cases: ['authorize: claims without a place'],
    },
  ],
  'No journey leads to this class, so asking would not help (OpenID Connect Core §5.5.1.1; unmet_authentication_requirements)':
    [
      {
        ours: 'to https://app.example/cb by query: error=unmet_authentication_requirements iss state',
        theirs: 'asks for login',
        cases: ['authorize: claims with a class that must be'],
      },
      {
        ours: 'to https://app.example/cb by query: error=unmet_authentication_requirements iss state',
        theirs: 'to https://app.example/cb by query: error=login_required iss state',
        cases: ['authorize: claims with a class that must be, silently'],
      },
    ],
  'AM knows one code for all that is wrong with a request_uri; OpenID Connect Core §3.1.2.6 has a second one': [
    {
      ours: 'to https://app.example/cb by query: error=request_uri_not_supported iss state',
      theirs: 'to https://app.example/cb by query: error=invalid_request_uri iss state',
      cases: ['authorize: a request_uri that nobody has pushed'],
    },
    {
      ours: 'to https://app.example/cb by query: error=request_uri_not_supported iss',
      theirs: 'to https://app.example/cb by query: error=invalid_request_uri iss',
      cases: ['authorize a second time with what was pushed'],
    },
  ],
  'The state is bounded here; RFC 6749 §4.1.1 bounds nothing': [
    {
      ours: 'to https://app.example/cb by query: error=invalid_request iss',
      theirs: 'to https://app.example/cb by query: code iss state',
      cases: ['authorize: a state of 3,000 characters'],
    },
  ],
  'RFC 6749 §3.1 forbids it; here such a request is sent on to nobody, since nobody knows which of the two was meant': [
    {
      ours: '400 invalid_request',
      theirs: 'to https://app.example/cb by query: error=invalid_request iss state',
      cases: [
        'authorize with twice the: response_type',
        'authorize with twice the: scope',
        'authorize with twice the: nonce',
        'authorize with twice the: code_challenge',
        'authorize with twice the: code_challenge_method',
        'authorize with twice the: prompt',
        'authorize with twice the: max_age',
      ],
    },
    {
      ours: '400 invalid_request',
      theirs: 'to https://app.example/cb by query: error=invalid_request iss',
      cases: ['authorize with twice the: state'],
    },
  ],
  'A hint says who is expected, whoever it was made for (OpenID Connect Core §3.1.2.1)': [
    {
      ours: 'to https://app.example/cb by query: code iss state',
      theirs: 'to https://app.example/cb by query: error=invalid_request iss state',
      cases: ['authorize with an id_token_hint: of another client, silently'],
    },
  ],
  'All that is wrong with a code is one answer here (RFC 6749 §5.2)': [
    { ours: '400 invalid_grant', theirs: '400 invalid_request', cases: ['a code with: no redirect_uri'] },
  ],
  'A verifier that cannot be right is one that is wrong (RFC 7636 §4.6)': [
    {
      ours: '400 invalid_grant',
      theirs: '400 invalid_request',
      cases: [
        'a code with: a short code_verifier',
        'a code with: a long code_verifier',
        'a code with: a code_verifier with other characters',
      ],
    },
  ],
  'RFC 6749 §5.2: no client authentication included is invalid_client': [
    {
      ours: '401 invalid_client',
      theirs: '400 invalid_request',
      cases: [
        'a code with: no client_id',
        'a refresh with: no client',
        'introspect: no client',
        'token/revoke: no client',
        'par without a client',
        'device/code without a client',
      ],
    },
  ],
  'RFC 6749 §5.2 has unauthorized_client for it': [
    {
      ours: '400 unauthorized_client',
      theirs: '400 invalid_request',
      cases: [
        'a code with: a client that may not',
        'client credentials of: a public client',
        'client credentials of: a client that may not',
        'a device grant of a client that may not',
        'device/code of a client that may not',
      ],
    },
  ],
  'A code that comes again, and not from whom it was for, ends what came of it (RFC 6749 §4.1.2)': [
    {
      ours: '401 invalid_token',
      theirs: '200',
      cases: ['a code a second time by another verifier ends what came of it'],
    },
  ],
  'A header that proves nothing is a failed proof (RFC 6749 §5.2), and is counted as one': [
    {
      ours: '401 invalid_client',
      theirs: '400 invalid_request',
      cases: [
        'a header of: no secret',
        'a header of: no colon',
        'a header of: no base64',
        'a header of: another scheme',
        'a header of: a bearer token',
      ],
    },
  ],
  'The address is there, for POST (RFC 9110 §15.5.6)': [
    {
      ours: '405 invalid_request',
      theirs: '404 page',
      cases: ['tokens by GET', 'introspect by GET', 'par by GET', 'device/code by GET'],
    },
  ],
  'Who lost the answer gets it again for a short time (RFC 9700 §4.14.2 leaves room; OIDC-06)': [
    { ours: '200', theirs: '400 invalid_grant', cases: ['a refresh token at once a second time'] },
  ],
  'RFC 6749 §5.2 has invalid_scope; openid is of users (OpenID Connect Core §3.1.2.1)': [
    { ours: '400 invalid_scope', theirs: '200', cases: ['client credentials of: a service with the scope openid'] },
  ],
  'An assertion that cannot be read is invalid_client (RFC 7521 §4.2.1)': [
    { ours: '401 invalid_client', theirs: '400 invalid_request', cases: ['an assertion with: no JWT'] },
  ],
  'Where no access token is shown, 401 asks for one (RFC 6750 §3)': [
    {
      ours: '401 invalid_token',
      theirs: '400 invalid_request',
      cases: [
        'userinfo with: a token in the address',
        'userinfo with: a scheme without a token',
        'userinfo with: a secret of a client',
      ],
    },
  ],
  'A token that is shown in the wrong way is invalid_token with 401 (RFC 9449 §7.1)': [
    {
      ours: '401 invalid_token',
      theirs: '400 invalid_request',
      cases: [
        'userinfo with: a token that is bound to no key, as if it were',
        'userinfo with a bound token and: no proof',
        'userinfo with a bound token and: its proof, as a bearer',
      ],
    },
  ],
  'It is good, but not for this (RFC 6750 §3.1)': [
    { ours: '403 insufficient_scope', theirs: '401 invalid_token', cases: ['userinfo with a token of a client'] },
  ],
  'A text that is no token is inactive, or revoked already (RFC 7662 §2.2, RFC 7009 §2.2)': [
    { ours: '200 inactive', theirs: '400 unsupported_token_type', cases: ['introspect: an ID token'] },
    { ours: '200', theirs: '400 unsupported_token_type', cases: ['token/revoke: an ID token'] },
  ],
  'A client sees its own tokens, unless it has the scope am-introspect-all-tokens (RFC 7662 §2.2, §4)': [
    {
      ours: '200 inactive',
      theirs: '200 active',
      cases: ['introspect: a token of another client', 'introspect: a secret in the form'],
    },
  ],
  'Public clients prove nothing, so they see nothing (RFC 7662 §2.1; OIDC-15)': [
    { ours: '401 invalid_client', theirs: '200 inactive', cases: ['introspect: by a public client, about another'] },
    { ours: '401 invalid_client', theirs: '200 active', cases: ['introspect by a public client, its own token'] },
  ],
  'An error would say that the token is good; it is not revoked either way (RFC 7009 §2.1)': [
    {
      ours: '200',
      theirs: '400 invalid_request',
      cases: ['token/revoke: a token of another client', 'token/revoke: a secret in the form'],
    },
  ],
  'An access token ends alone: the official SDKs revoke the old one last (RFC 7009 §2.1 lets it)': [
    {
      ours: '200',
      theirs: '400 invalid_grant',
      cases: ['token/revoke of the access token, and the refresh token then'],
    },
  ],
  "AM's code, as at authorize; RFC 9126 §2.3 takes the codes from there": [
    { ours: '400 redirect_uri_mismatch', theirs: '400 invalid_request', cases: ['par with: a foreign redirect_uri'] },
  ],
  'The header says who the client is; RFC 9126 §2.1 would have the parameter, too': [
    { ours: '201', theirs: '400 invalid_request', cases: ['par with: no client_id beside the header'] },
  ],
  'Foreign and unknown are one answer; RFC 9126 §4 names none': [
    {
      ours: '400 request_uri_not_supported',
      theirs: '400 invalid_request_object',
      cases: ['authorize with what another client has pushed'],
    },
  ],
  'What stands beside a pushed request does not count (RFC 9126 §4)': [
    {
      ours: 'to https://app.example/cb by query: code iss state',
      theirs: 'to https://app.example/cb by query: error=request_not_supported iss',
      cases: ['authorize with what was pushed and its request object'],
    },
  ],
  'Nobody is there, and nothing says whose session is meant: the SDKs expect an error (RP-Initiated Logout §2)': [
    {
      ours: '400 bad_request',
      theirs: '200 page',
      cases: ['endSession, signed out, with: nothing', 'endSession, signed out, with: a foreign address and no hint'],
    },
  ],
  'A hint that proves nothing is one answer (RP-Initiated Logout §4)': [
    {
      ours: '400 invalid_request',
      theirs: '400 invalid_client',
      cases: ['endSession, signed out, with: a hint without a signature'],
    },
  ],
  "AM's code, as at authorize (RP-Initiated Logout §3 leaves it open)": [
    {
      ours: '400 redirect_uri_mismatch',
      theirs: '400 invalid_request',
      cases: [
        'endSession with a hint and: a foreign address',
        'endSession with a hint and: an address with a slash more',
      ],
    },
  ],
  'The hint is ours, so nobody needs to be asked (RP-Initiated Logout §2)': [
    {
      ours: 'to https://app.example/bye by query: state',
      theirs: '200 page',
      cases: ['endSession with a hint, an address and nobody there'],
    },
  ],
  'RFC 8628 §3.5 has slow_down for it': [
    { ours: '400 slow_down', theirs: '400 authorization_pending', cases: ['a device code that is asked for too soon'] },
  ],
  'A header that is there is a proof, and this one is none (RFC 9449 §4.3)': [
    { ours: '400 invalid_dpop_proof', theirs: '200', cases: ['a code by an empty proof'] },
  ],
  'It is the proof that is wrong, or not there (RFC 9449 §5)': [
    {
      ours: '400 invalid_dpop_proof',
      theirs: '400 invalid_grant',
      cases: ['a code by a proof that was shown before', 'a code of a client that must prove a key, without a proof'],
    },
  ],
};
