import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP, isIPv6, type LookupFunction } from 'node:net';
import { isHostOf, isLoopbackAddress, isPublicAddress } from './public-address.ts';

/** Addresses of a name. */
type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/** What whoever runs the machine can do about it, in words of the option. */
const UNLISTED = 'it is not public, and privateHosts does not list it.';

/** An address is none that may be called: it leads into a network that whoever has named it has no business in. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

export interface AddressGuardOptions {
  readonly resolve?: Resolve;
  /** Tests and trials have the other side on this machine. */
  readonly allowsLoopback: boolean;
  /** Hosts whose addresses may be private, as an operator says: `app.internal`, `app.internal:8443`, `10.0.0.7`, or `*.example.com`. */
  readonly privateHosts?: readonly string[];
}

export interface AddressGuard {
  /**
   * How the name of a host is looked up for a connection that may be made; throws `AddressRefused` for one that may not. `hostname` is as a
   * URL has it, or an address of IPv6 without its brackets. A private host that is listed without a port is meant with the usual ones of the protocol.
   */
  lookupOf(hostname: string, port: number, usualPorts: readonly number[]): LookupFunction;
}

/**
 * Judges where connections may lead to that others have named (SEC-69, OIDC-25). The addresses of a name are judged in the very look-up that
 * the connection is made with, so that a name cannot mean one thing when it is asked and another when it is called.
 */
export const addressGuard = ({
  resolve: ask = resolveAll,
  allowsLoopback,
  privateHosts = [],
}: AddressGuardOptions): AddressGuard => {
  // An operator knows who answers for names within; a realm may name anybody's.
  const resolvers = { private: askedOnce(ask), public: askedOnce(oneOfDomain(ask)) };
  const isCallable = (address: string): boolean =>
    isPublicAddress(address) || (allowsLoopback && isLoopbackAddress(address));

  const lookupFor =
    (isPrivate: boolean): LookupFunction =>
    (hostname, { all }, callback) => {
      void resolvers[isPrivate ? 'private' : 'public'](hostname).then(
        (addresses) => {
          const [first] = addresses;
          if (first === undefined || !addresses.every(({ address }) => isPrivate || isCallable(address))) {
            callback(new AddressRefused(`The name has no address that may be called: ${UNLISTED}`), '', 0);
          } else if (all === true) {
            callback(null, [...addresses]);
          } else {
            callback(null, first.address, first.family);
          }
        },
        (error: NodeJS.ErrnoException) => callback(error, '', 0),
      );
    };
  const lookups = { private: lookupFor(true), public: lookupFor(false) };

  return {
    lookupOf(hostname, port, usualPorts) {
      const name = writtenAsInUrl(hostname);
      const hosts = [`${name}:${port}`, ...(usualPorts.includes(port) ? [name] : [])];
      const isPrivate = privateHosts.some((pattern) => hosts.some((host) => isHostOf(pattern, host)));
      // A number is never looked up, so it is judged here.
      const address = name.replace(/^\[|\]$/g, '');
      if (isIP(address) !== 0 && !isPrivate && !isCallable(address))
        throw new AddressRefused(`The address may not be called: ${UNLISTED}`);
      return lookups[isPrivate ? 'private' : 'public'];
    },
  };
};

/** An address of IPv6 has many spellings; an operator lists it by the one of URLs. */
const writtenAsInUrl = (hostname: string): string => {
  const url = `tcp://[${hostname}]`;
  return isIPv6(hostname) && URL.canParse(url) ? new URL(url).hostname : hostname.toLowerCase();
};

/** Names of one domain that wait for those before them; more are refused at once. */
const MAX_WAITING_OF_DOMAIN = 64;

/**
 * Looks up one name of a domain at a time, by its last two labels. Whoever administers a realm may name many hosts of a domain for whose names
 * nobody answers: all together they hold one of the few look-ups that the system does at a time, and names of other domains need not wait.
 */
const oneOfDomain = (resolve: Resolve): Resolve => {
  /** What waits, by domains of which a name is looked up. */
  const waiting = new Map<string, (() => void)[]>();
  return async (hostname) => {
    const domain = hostname.toLowerCase().split('.').filter(Boolean).slice(-2).join('.');
    const queue = waiting.get(domain);
    if (queue === undefined) waiting.set(domain, []);
    else if (queue.length >= MAX_WAITING_OF_DOMAIN) throw new Error(`Too many names of ${domain} are looked up.`);
    else await new Promise<void>((begin) => queue.push(begin));
    try {
      return await resolve(hostname);
    } finally {
      const next = waiting.get(domain)?.shift();
      if (next === undefined) waiting.delete(domain);
      else next();
    }
  };
};

/**
 * Whoever asks for a name while it is asked for already gets the same answer. The system looks up few names at a time, and one that nobody
 * answers for takes it long: many calls to such a name would keep the names of all others waiting until their calls are over.
 */
const askedOnce = (resolve: Resolve): Resolve => {
  const underWay = new Map<string, ReturnType<Resolve>>();
  return (hostname) => {
    const running = underWay.get(hostname);
    if (running !== undefined) return running;
    const begun = resolve(hostname).finally(() => underWay.delete(hostname));
    underWay.set(hostname, begun);
    return begun;
  };
};

const resolveAll: Resolve = (hostname) => lookup(hostname, { all: true });
