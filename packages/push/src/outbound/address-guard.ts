import { isIP, isIPv6, type LookupFunction } from 'node:net';
import type { Timer } from '@assent/engine/host';
import { hostLookups } from './host-lookups.ts';
import { hostResolver, type ResolveHost } from './host-resolver.ts';
import { isHostOf, isLoopbackAddress, isPublicAddress } from './public-address.ts';

/** The lane of hosts that the operator of the server has named. Names of realms begin with a slash. */
export const OF_OPERATOR = '';
/** The lane of push services of browsers: phones name them, and all realms call the same ones. */
export const OF_PUSH_SERVICES = 'push services';

/** What whoever runs the machine can do about it, in words of the option. */
const UNLISTED = 'it is not public, and privateHosts does not list it.';

/** An address is none that may be called: it leads into a network that whoever has named it has no business in. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

export interface AddressGuardOptions {
  /** That of the system where absent. */
  readonly resolve?: ResolveHost;
  readonly timer?: Timer;
  /** Tests and trials have the other side on this machine. */
  readonly allowsLoopback: boolean;
  /** Hosts whose addresses may be private, as an operator says: `app.internal`, `app.internal:8443`, `10.0.0.7`, or `*.example.com`. */
  readonly privateHosts?: readonly string[];
}

/** The guard for the hosts that one realm names. */
export interface RealmGuard {
  /**
   * How the name of a host is looked up for a connection that may be made; throws `AddressRefused` for one that may not. `hostname` is as a
   * URL has it, or an address of IPv6 without its brackets. A private host that is listed without a port is meant with the usual ones of the protocol.
   */
  lookupOf(hostname: string, port: number, usualPorts: readonly number[]): LookupFunction;
}

export interface AddressGuard {
  /** Look-ups wait and are counted by the realm that names the host; `OF_OPERATOR` for hosts that the operator names. */
  of(realm: string): RealmGuard;
}

/** Runs `action` later; the result cancels it. A look-up keeps no process alive. */
const systemTimer: Timer = (millis, action) => {
  const timer = setTimeout(action, millis);
  timer.unref();
  return () => clearTimeout(timer);
};

/**
 * Judges where connections may lead to that others have named (SEC-69, OIDC-25). The addresses of a name are judged in the very look-up that
 * the connection is made with, so that a name cannot mean one thing when it is asked and another when it is called.
 */
export const addressGuard = ({
  resolve = hostResolver(),
  timer = systemTimer,
  allowsLoopback,
  privateHosts = [],
}: AddressGuardOptions): AddressGuard => {
  const lookUp = hostLookups({ resolve, timer });
  const isCallable = (address: string): boolean =>
    isPublicAddress(address) || (allowsLoopback && isLoopbackAddress(address));

  const lookupFor =
    (realm: string, port: number, isPrivate: boolean): LookupFunction =>
    (hostname, { all }, callback) => {
      // Ports tell the purposes of a realm apart, so that its mail waits for few of its other look-ups.
      void lookUp({ realm, caller: String(port) }, hostname).then(
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

  return {
    of: (realm) => ({
      lookupOf(hostname, port, usualPorts) {
        const name = writtenAsInUrl(hostname);
        const hosts = [`${name}:${port}`, ...(usualPorts.includes(port) ? [name] : [])];
        const isPrivate = privateHosts.some((pattern) => hosts.some((host) => isHostOf(pattern, host)));
        // A number is never looked up, so it is judged here.
        const address = name.replace(/^\[|\]$/g, '');
        if (isIP(address) !== 0 && !isPrivate && !isCallable(address))
          throw new AddressRefused(`The address may not be called: ${UNLISTED}`);
        return lookupFor(realm, port, isPrivate);
      },
    }),
  };
};

/** An address of IPv6 has many spellings; an operator lists it by the one of URLs. */
const writtenAsInUrl = (hostname: string): string => {
  const url = `tcp://[${hostname}]`;
  return isIPv6(hostname) && URL.canParse(url) ? new URL(url).hostname : hostname.toLowerCase();
};
