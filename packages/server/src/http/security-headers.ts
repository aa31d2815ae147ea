type Headers = Readonly<Record<string, string>>;

const PERMISSIONS = 'camera=(), microphone=(), geolocation=(self)';

/** Passkeys are asked for and made by our own pages, and by no frame in them (spec: webauthn §10.6). */
const PASSKEYS = 'publickey-credentials-get=(self), publickey-credentials-create=(self)';

/** On every answer (security-reliability §6). */
export const COMMON_HEADERS: Headers = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'permissions-policy': PERMISSIONS,
  'cross-origin-opener-policy': 'same-origin',
};

/** On every JSON answer. */
export const JSON_HEADERS: Headers = {
  ...COMMON_HEADERS,
  'cache-control': 'private, no-store',
  pragma: 'no-cache',
  expires: '0',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};

/** The headers that say how long an answer may be kept. */
export const CACHING = new Set(['cache-control', 'pragma', 'expires']);

const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "object-src 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
];

/** On our own pages: nothing inline, nothing from elsewhere, no frame around them. */
export const PAGE_HEADERS: Headers = {
  ...COMMON_HEADERS,
  'permissions-policy': `${PERMISSIONS}, ${PASSKEYS}`,
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': PAGE_POLICY.join('; '),
};

/** What a page that is rendered for one visit needs beside what every page may do. */
export interface PageNeeds {
  /** Where a browser goes on to after the form of the page: an address, its origin, or its scheme; here where absent. */
  readonly formTarget?: string | undefined;
  /** It may stand in a popup whose opener waits for it. */
  readonly keepsOpener?: boolean;
}

/**
 * What `form-action` has to name so that a form may lead on to a target. In Chromium it holds for every redirect that follows,
 * also for those of the application itself, which may go on from its callback to any other host. An origin would stop it
 * there, and one with an IPv6 address is not understood at all; so it is the scheme (spec: oidc §1.6).
 */
const formSources = (target: string | undefined): readonly string[] => {
  const scheme = /^([a-z][a-z0-9+.-]*:)/i.exec(target ?? '')?.[1]?.toLowerCase();
  if (scheme === undefined) return [];
  return scheme === 'http:' ? ['http:', 'https:'] : [scheme];
};

/** On a page with its style sheets in it, which have that nonce; it is of this answer alone. */
export const pageHeaders = (nonce: string, { formTarget, keepsOpener = false }: PageNeeds = {}): Headers => {
  const policy = PAGE_POLICY.map((rule) => {
    if (rule === "style-src 'self'") return `${rule} 'nonce-${nonce}'`;
    return rule === "form-action 'self'" ? [rule, ...formSources(formTarget)].join(' ') : rule;
  });
  const { 'cross-origin-opener-policy': opener = '', ...others } = PAGE_HEADERS;
  return {
    ...others,
    // On any hop, a redirect too, it would cut a popup from its opener for good.
    ...(!keepsOpener && { 'cross-origin-opener-policy': opener }),
    'content-security-policy': policy.join('; '),
  };
};

/** On the phone alone: a camera, a scanner in WebAssembly, and one worker that the page names by its one policy. */
export const PHONE_HEADERS: Headers = {
  ...PAGE_HEADERS,
  'permissions-policy': `camera=(self), microphone=(), geolocation=(), ${PASSKEYS}`,
  'content-security-policy': [
    ...PAGE_POLICY.map((rule) => (rule === "script-src 'self'" ? "script-src 'self' 'wasm-unsafe-eval'" : rule)),
    "worker-src 'self'",
    "manifest-src 'self'",
    'trusted-types assent-phone',
  ].join('; '),
};
