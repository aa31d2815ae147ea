/** What the address of the login page asks for. The parameters are those of AM's own page, so that links survive a move. @see ux.md §2.1 */
export interface PageAddress {
  readonly href: string;
  /** Where the server's JSON lives, whatever the context path is. */
  readonly context: string;
  /** Path of the page itself. */
  readonly path: string;
  readonly realm: string;
  /** Query of the first call. */
  readonly start: URLSearchParams;
  /** Whom an application expects (OpenID Connect Core §3.1.2.1, `login_hint`): a name to begin with, and no more than that. */
  readonly loginHint: string;
}

/** Of the field for a name. */
export const MAX_NAME_LENGTH = 256;

/** The folder in which AM's own page lives, and ours under its address. */
const AM_PAGE = '/XUI/';

const passedOn = ['goto', 'gotoOnFail', 'locale', 'ForceAuth', 'noSession', 'suspendedId'] as const;

/** Reads the address of the login page. */
export const readPageAddress = (href: string): PageAddress => {
  const url = new URL(href);
  const given = url.searchParams;
  const start = new URLSearchParams();
  const service = given.get('service');
  const indexValue = given.get('authIndexValue');
  if (service) {
    start.set('authIndexType', 'service');
    start.set('authIndexValue', service);
  } else if (indexValue) {
    start.set('authIndexType', given.get('authIndexType') || 'service');
    start.set('authIndexValue', indexValue);
  }
  for (const name of passedOn) {
    const value = given.get(name);
    if (value) start.set(name, value);
  }
  return {
    href: url.href,
    context: new URL(url.pathname.endsWith(AM_PAGE) ? '..' : '.', url).href,
    path: url.pathname,
    realm: normalRealm(given.get('realm') ?? '/'),
    start,
    loginHint: readableHint(given.get('login_hint') ?? ''),
  };
};

/**
 * The address with the parameters that stand behind `#login` in its query; undefined where there are none. Links of AM have them there:
 * `#login/&realm=/alpha&goto=…`, and in older ones the realm as a path, `#login/alpha`. The query wins.
 */
export const withoutFragment = (href: string): string | undefined => {
  const url = new URL(href);
  const [, path = '', parameters] = /^#login(\/[^&?]*)?[&?]?(.*)$/s.exec(url.hash) ?? [];
  const given = new URLSearchParams(parameters);
  if (path[1]) given.set('realm', path);
  if (given.size === 0) return undefined;
  for (const [name, value] of given) {
    if (!url.searchParams.has(name)) url.searchParams.set(name, value);
  }
  url.hash = '';
  return url.href;
};

/** What is longer than its field is nobody's name. */
const readableHint = (hint: string): string => (hint.length <= MAX_NAME_LENGTH ? hint : '');

/** `alpha`, `/alpha/` and `/alpha` are one realm. */
const normalRealm = (realm: string): string =>
  `/${realm
    .split('/')
    .filter((part) => part !== '')
    .join('/')}`;
