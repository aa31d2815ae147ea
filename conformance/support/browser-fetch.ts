/** What a page of a certain origin would have seen. */
export interface BrowserFetch {
  readonly fetch: typeof globalThis.fetch;
  cookie(name: string): string | undefined;
  /** Answers that a browser would have kept from the page. */
  readonly unreadable: readonly string[];
}

/**
 * Node's fetch with what a browser adds for a page of another origin on the same site: a cookie jar, `Origin`, and the
 * check that the answer may be read.
 */
export const browserFetch = (origin: string): BrowserFetch => {
  const jar = new Map<string, string>();
  const unreadable: string[] = [];
  const { fetch: plainFetch } = globalThis;
  return {
    unreadable,
    cookie: (name) => jar.get(name),
    async fetch(input, init = {}) {
      const headers = new Headers(init.headers);
      headers.set('origin', origin);
      headers.set('sec-fetch-site', 'same-site');
      if (init.credentials === 'include' && jar.size > 0) {
        headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '));
      }
      const response = await plainFetch(input, { ...init, headers });
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        if (value === '' || /;\s*max-age=0/i.test(line)) jar.delete(name);
        else jar.set(name, value);
      }
      const isReadable =
        response.headers.get('access-control-allow-origin') === origin &&
        response.headers.get('access-control-allow-credentials') === 'true';
      if (!isReadable) unreadable.push(String(input));
      return response;
    },
  };
};

/** The part of `Storage` that the SDK asks for, kept in memory. */
export const memoryStorage = (): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> => {
  const kept = new Map<string, string>();
  return {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
  };
};
