/** What of the platform the cache needs. */
export interface ShellCacheOptions {
  readonly caches: CacheStorage;
  readonly fetch: typeof globalThis.fetch;
  /** Changes with every build. */
  readonly version: string;
  /** Addresses relative to the page, all that it needs to open; the page itself is `./`. */
  readonly files: readonly string[];
  /** The page's address. */
  readonly scope: string;
}

const PREFIX = 'assent-phone ';

/** The page and its parts, kept so that codes work without a connection. It keeps nothing that a server said. */
export const shellCache = ({ caches, fetch, version, files, scope }: ShellCacheOptions) => {
  const name = `${PREFIX}${version}`;
  const addresses = new Set(files.map((file) => new URL(file, scope).href));
  return {
    async install(): Promise<void> {
      const cache = await caches.open(name);
      // Past the browser's own cache: a page and its parts must be of one build.
      await cache.addAll([...addresses].map((address) => new Request(address, { cache: 'reload' })));
    },

    async removeOlder(): Promise<void> {
      const names = await caches.keys();
      await Promise.all(names.filter((it) => it.startsWith(PREFIX) && it !== name).map((it) => caches.delete(it)));
    },

    /** The answer for what the page is made of; undefined for everything else, which goes its own way. */
    answer(request: Request): Promise<Response> | undefined {
      if (request.method !== 'GET') return undefined;
      if (request.mode === 'navigate') return fresh(request);
      const [address = ''] = request.url.split('#');
      return addresses.has(address) ? kept(request) : undefined;
    },
  };

  /** Pages come from the server where it answers, so that a new build is seen at once. */
  async function fresh(request: Request): Promise<Response> {
    try {
      const response = await fetch(request);
      if (response.status < 500) return response;
      return (await caches.match(scope)) ?? response;
    } catch (error) {
      const page = await caches.match(scope);
      if (page === undefined) throw error;
      return page;
    }
  }

  /** Parts carry a hash of their content in the name: one that is here is the right one. */
  async function kept(request: Request): Promise<Response> {
    return (await caches.match(request)) ?? fetch(request);
  }
};
