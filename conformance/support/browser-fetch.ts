/** What a page of a certain origin would have seen. */
export interface BrowserFetch {
  readonly fetch: typeof globalThis.fetch;
  cookie(name: string): string | undefined;
  /** Calls that a browser would have kept from the page, each of which the page saw as a failed fetch. */
  readonly refused: readonly string[];
  /** Preflights that were sent, as method and address. */
  readonly preflights: readonly string[];
}

/** Headers that a page may send anywhere without asking (Fetch standard, "CORS-safelisted request-header"). */
const isSafelisted = (name: string, value: string): boolean =>
  ['accept', 'accept-language', 'content-language'].includes(name) ||
  (name === 'content-type' &&
    /^(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\b/.test(value.toLowerCase()));

/** Headers that are the browser's own; a page that sets them is not heard (Fetch standard, "forbidden request-header"). */
const isForbidden = (name: string): boolean =>
  ['connection', 'content-length', 'cookie', 'date', 'host', 'origin', 'referer'].includes(name);

const listed = (headers: Headers, name: string): readonly string[] =>
  (headers.get(name) ?? '').split(',').map((it) => it.trim().toLowerCase());

/**
 * Node's fetch with what a browser adds for a page of another origin: `Origin`, preflights and their cache, the check that
 * the answer may be read, and a cookie jar for pages of the same site. Cookies that are `SameSite=Lax`, as all of ours are,
 * are neither sent nor kept for a page of another site.
 */
export const browserFetch = (origin: string): BrowserFetch => {
  const jar = new Map<string, string>();
  const refused: string[] = [];
  const preflights: string[] = [];
  const allowed = new Map<string, { readonly until: number; readonly headers: readonly string[] }>();
  const { fetch: plainFetch } = globalThis;

  const isShared = ({ headers }: Response, withCredentials: boolean): boolean =>
    headers.get('access-control-allow-origin') === origin &&
    (!withCredentials || headers.get('access-control-allow-credentials') === 'true');

  const mayGo = async (url: string, method: string, unsafe: readonly string[], withCredentials: boolean) => {
    const isSimple = ['GET', 'HEAD', 'POST'].includes(method);
    if (isSimple && unsafe.length === 0) return true;
    const key = `${method} ${url}`;
    const known = allowed.get(key);
    if (known !== undefined && known.until > Date.now() && unsafe.every((name) => known.headers.includes(name))) {
      return true;
    }
    preflights.push(key);
    const response = await plainFetch(url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': method,
        ...(unsafe.length > 0 && { 'access-control-request-headers': unsafe.join(',') }),
      },
    });
    const { headers } = response;
    const allowedHeaders = listed(headers, 'access-control-allow-headers');
    const isAllowed =
      response.ok &&
      isShared(response, withCredentials) &&
      (isSimple || listed(headers, 'access-control-allow-methods').includes(method.toLowerCase())) &&
      unsafe.every((name) => allowedHeaders.includes(name));
    if (isAllowed) {
      // Five seconds where the server says nothing.
      const seconds = Number(headers.get('access-control-max-age') ?? 5);
      allowed.set(key, { until: Date.now() + seconds * 1000, headers: allowedHeaders });
    }
    return isAllowed;
  };

  return {
    refused,
    preflights,
    cookie: (name) => jar.get(name),
    async fetch(input, init = {}) {
      // Some libraries hand a `Request` over, which is read like any other.
      const request = new Request(input, init);
      const { url, method } = request;
      const withCredentials = request.credentials === 'include';
      const isSameSite = new URL(url).hostname === new URL(origin).hostname;
      const headers = new Headers([...request.headers].filter(([name]) => !isForbidden(name)));
      const unsafe = [...headers].filter(([name, value]) => !isSafelisted(name, value)).map(([name]) => name);
      const refuse = (): never => {
        refused.push(`${method} ${url}`);
        throw new TypeError('Failed to fetch');
      };
      if (!(await mayGo(url, method, unsafe, withCredentials))) return refuse();

      headers.set('origin', origin);
      headers.set('sec-fetch-site', isSameSite ? 'same-site' : 'cross-site');
      if (withCredentials && isSameSite && jar.size > 0) {
        headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '));
      }
      const body = method === 'GET' || method === 'HEAD' ? undefined : await request.arrayBuffer();
      const response = await plainFetch(url, { method, headers, ...(body && { body }) });
      if (withCredentials && isSameSite) {
        for (const line of response.headers.getSetCookie()) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
          if (value === '' || /;\s*max-age=0/i.test(line)) jar.delete(name);
          else jar.set(name, value);
        }
      }
      return isShared(response, withCredentials) ? response : refuse();
    },
  };
};

/** The part of `Storage` that the libraries ask for, kept in memory. */
export const memoryStorage = (): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> => {
  const kept = new Map<string, string>();
  return {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
  };
};
