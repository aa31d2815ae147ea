import { type LookupAddress, promises } from 'node:dns';
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { fullNames, hostsFile, searchRules } from './resolver-files.ts';

/** The addresses of a host; the signal ends the look-up. */
export type ResolveHost = (hostname: string, signal: AbortSignal) => Promise<readonly LookupAddress[]>;

export interface HostResolverOptions {
  readonly hostsPath?: string;
  readonly resolverPath?: string;
  /** Name servers instead of those of the system; for tests, which have their own. */
  readonly servers?: readonly string[];
}

/** The addresses of a host were not found. `code` is one of Node's. */
export class HostLookupFailed extends Error {
  override readonly name = 'HostLookupFailed';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** A name server that does not answer is asked again after one second; the second try takes two. */
const QUERY = { timeout: 1_000, tries: 2 };
/** A connection tries them one after the other. */
const MAX_ADDRESSES = 32;
/** Anything else would be read as a part of a URL, or not as a name. */
const NAME = /^[\w.\-\u{80}-\u{10ffff}]+$/u;
/** There is no such name, or it has no address. The next full name is tried after any fault, and such a fault says the least. */
const NOT_FOUND = new Set(['ENOTFOUND', 'ENODATA']);

const withFamily = (address: string): LookupAddress => ({ address, family: isIP(address) });

/** IPv4 first: a machine without IPv6 would otherwise try an address that it cannot reach. */
const inOrder = (addresses: readonly string[]): readonly LookupAddress[] =>
  addresses
    .slice(0, MAX_ADDRESSES)
    .map(withFamily)
    .sort((a, b) => a.family - b.family);

const codeOf = (fault: unknown): string =>
  fault instanceof Error && 'code' in fault && typeof fault.code === 'string' ? fault.code : 'ESERVFAIL';

/** Asks for both families of addresses of a full name. One family is enough. */
const askFor = async (
  resolver: promises.Resolver,
  name: string,
): Promise<{ readonly addresses: readonly string[]; readonly code: string }> => {
  const [v4, v6] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  const addresses = [v4, v6].flatMap((it) => (it.status === 'fulfilled' ? it.value : []));
  const codes = [v4, v6].flatMap((it) => (it.status === 'rejected' ? [codeOf(it.reason)] : []));
  return { addresses, code: codes.find((code) => !NOT_FOUND.has(code)) ?? 'ENOTFOUND' };
};

/**
 * Resolves names of hosts as the C library does by `hosts: files dns`: the hosts file, then the name servers and the search domains of
 * `/etc/resolv.conf`. `dns.lookup` of Node holds a thread of the pool for each name until the name servers have answered, with no way to end it: a
 * few silent name servers stop the look-ups of all callers. These queries are packets and timers of the event loop (SEC-93).
 */
export const hostResolver = ({
  hostsPath = '/etc/hosts',
  resolverPath = '/etc/resolv.conf',
  servers,
}: HostResolverOptions = {}): ResolveHost => {
  const listed = hostsFile(hostsPath);
  const rules = searchRules(resolverPath);

  const query = async (name: string, signal: AbortSignal): Promise<readonly LookupAddress[]> => {
    // Of this look-up alone, so that it can be ended alone, and with the name servers that the system has now.
    const resolver = new promises.Resolver(QUERY);
    if (servers !== undefined) resolver.setServers(servers);
    const cancel = () => resolver.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      let failed = 'ENOTFOUND';
      for (const full of fullNames(name, rules())) {
        const { addresses, code } = await askFor(resolver, full);
        if (addresses.length > 0) return inOrder(addresses);
        signal.throwIfAborted();
        if (!NOT_FOUND.has(code)) failed = code;
      }
      throw new HostLookupFailed(failed, `The host name "${name}" has no address (${failed}).`);
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  };

  return async (hostname, signal) => {
    signal.throwIfAborted();
    if (isIP(hostname) !== 0) return [withFamily(hostname)];
    const name = NAME.test(hostname) ? domainToASCII(hostname) : '';
    if (name === '') throw new HostLookupFailed('ENOTFOUND', 'The host name has characters that no host name has.');
    // The C library reads some numbers as addresses, as URLs do: 127.1 is 127.0.0.1.
    if (isIP(name) !== 0) return [withFamily(name)];
    const bare = name.replace(/\.$/, '');
    const known = listed().get(bare);
    if (known !== undefined) return inOrder(known);
    if (bare === 'localhost' || bare.endsWith('.localhost')) return inOrder(['127.0.0.1', '::1']);
    return query(name, signal);
  };
};
