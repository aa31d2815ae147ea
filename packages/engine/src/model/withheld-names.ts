/** AM's default name, so that clients find the session where they look for it. */
export const SESSION_COOKIE = 'iPlanetDirectoryPro';
/** Its name where the operator has set the prefix: browsers take such a cookie only over TLS, for the whole host and for that host alone. */
export const HOST_SESSION_COOKIE = `__Host-${SESSION_COOKIE}`;
/** Clients send a token as a header that is named like the cookie, so both names are headers of a session, for each name of the cookie. */
export const SESSION_HEADERS: readonly string[] = [SESSION_COOKIE, HOST_SESSION_COOKIE].map((name) =>
  name.toLowerCase(),
);

/** The cookie that binds a journey to a browser, on http and on https. */
export const BINDING_COOKIES = Object.freeze({ http: 'jb', https: '__Host-jb' });

/** The cookie by which a browser is known to have signed in before. */
export const KNOWN_COOKIES = Object.freeze({ http: 'kb', https: '__Host-kb' });

const OWN_COOKIES: ReadonlySet<string> = new Set(
  [...SESSION_HEADERS, ...Object.values(BINDING_COOKIES), ...Object.values(KNOWN_COOKIES)].map((name) =>
    name.toLowerCase(),
  ),
);

/** What carries a session, or proves to this server or to another one who somebody is. */
const CREDENTIAL_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'cf-access-jwt-assertion',
  'cf-authorization',
  'cookie',
  'cookie2',
  'currentpassword',
  'proxy-authorization',
  'set-cookie',
  'set-cookie2',
  'x-amzn-oidc-accesstoken',
  'x-amzn-oidc-data',
  'x-api-key',
  'x-assent-authid',
  'x-auth-request-access-token',
  'x-auth-token',
  'x-forwarded-access-token',
  'x-goog-iap-jwt-assertion',
]);
const CREDENTIAL_PREFIXES = ['x-openam-', 'x-ms-token-'];

/** What proxies say of who or where the caller is. Without a proxy that is trusted it is what the caller says. */
const PROXY_HEADERS: ReadonlySet<string> = new Set([
  'cf-connecting-ip',
  'client-cert',
  'client-cert-chain',
  'fastly-client-ip',
  'forwarded',
  'remote-user',
  'true-client-ip',
  'x-authenticated-user',
  'x-auth-user',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-real-ip',
  'x-remote-user',
  'x-webauth-user',
]);
const PROXY_PREFIXES = [
  'cf-access-',
  'ssl-client-',
  'x-amzn-oidc-',
  'x-auth-request-',
  'x-client-cert',
  'x-forwarded-',
  'x-goog-authenticated-user-',
  'x-ms-client-principal',
  'x-remote-',
  'x-ssl-',
];

/** Query parameters in which clients carry what a header or a cookie carries elsewhere, or the secret of a link. */
const TOKEN_PARAMETERS: ReadonlySet<string> = new Set([
  'access_token',
  'authid',
  ...SESSION_HEADERS,
  'id_token',
  'sessionupgradessotokenid',
  'ssotoken',
  'suspendedid',
  'tokenid',
]);

const beginsWith = (name: string, prefixes: readonly string[]): boolean =>
  prefixes.some((prefix) => name.startsWith(prefix));

/**
 * Whether no journey is ever shown a header: whoever designs one realm, in settings or in a script, would else read the
 * sessions of all (SEC-72). This list is the only one; requests, settings and scripts go by it.
 */
export const isWithheldHeader = (given: string): boolean => {
  const name = given.trim().toLowerCase();
  return OWN_COOKIES.has(name) || CREDENTIAL_HEADERS.has(name) || beginsWith(name, CREDENTIAL_PREFIXES);
};

/** Whether a journey is shown a header only where a proxy that is trusted has sent it. */
export const isProxyHeader = (given: string): boolean => {
  const name = given.trim().toLowerCase();
  return PROXY_HEADERS.has(name) || beginsWith(name, PROXY_PREFIXES);
};

/** Whether no journey reads or sets a cookie; browsers tell `jb` and `JB` apart, people do not. */
export const isWithheldCookie = (name: string): boolean => OWN_COOKIES.has(name.trim().toLowerCase());

export const isWithheldParameter = (name: string): boolean => TOKEN_PARAMETERS.has(name.trim().toLowerCase());

/** The headers in which a client signs in without a page; only the node that is made for that is shown them. */
export const SIGN_IN_HEADERS = Object.freeze({ username: 'x-openam-username', password: 'x-openam-password' });

export const isSignInHeader = (name: string): boolean =>
  Object.values(SIGN_IN_HEADERS).includes(name.trim().toLowerCase() as 'x-openam-username');

/**
 * For `.refine()`: the value cannot be used, but an import may bring it. It is kept, with a warning, and fails a journey that
 * reaches its node, like a setting that is missing (design.md §3.3 "settings that are missing").
 */
export const keptThoughWrong = (message: string) => ({ message, params: { isKept: true } });

/** The headers as a journey is shown them. */
export const shownHeaders = <T>(
  headers: Readonly<Record<string, T>>,
  { isFromTrustedProxy }: { readonly isFromTrustedProxy: boolean },
): Readonly<Record<string, T>> =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => !isWithheldHeader(name) && (isFromTrustedProxy || !isProxyHeader(name))),
  );

const shownNames = <T>(
  given: Readonly<Record<string, T>>,
  isWithheld: (name: string) => boolean,
): Readonly<Record<string, T>> => Object.fromEntries(Object.entries(given).filter(([name]) => !isWithheld(name)));

export const shownCookies = (cookies: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  shownNames(cookies, isWithheldCookie);

export const shownParameters = <T>(parameters: Readonly<Record<string, T>>): Readonly<Record<string, T>> =>
  shownNames(parameters, isWithheldParameter);
