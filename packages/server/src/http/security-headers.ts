/** On every answer (security-reliability §6). */
export const COMMON_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(self)',
  'cross-origin-opener-policy': 'same-origin',
};

/** On every JSON answer. */
export const JSON_HEADERS: Readonly<Record<string, string>> = {
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
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  ...COMMON_HEADERS,
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': PAGE_POLICY.join('; '),
};

/** On a page with its style sheets in it, which have that nonce; it is of this answer alone. */
export const pageHeaders = (nonce: string): Readonly<Record<string, string>> => ({
  ...PAGE_HEADERS,
  'content-security-policy': PAGE_POLICY.map((rule) =>
    rule === "style-src 'self'" ? `style-src 'self' 'nonce-${nonce}'` : rule,
  ).join('; '),
});

/** On the phone alone: a camera, a scanner in WebAssembly, and one worker that the page names by its one policy. */
export const PHONE_HEADERS: Readonly<Record<string, string>> = {
  ...PAGE_HEADERS,
  'permissions-policy': 'camera=(self), microphone=(), geolocation=()',
  'content-security-policy': [
    ...PAGE_POLICY.map((rule) => (rule === "script-src 'self'" ? "script-src 'self' 'wasm-unsafe-eval'" : rule)),
    "worker-src 'self'",
    "manifest-src 'self'",
    'trusted-types assent-phone',
  ].join('; '),
};
