import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import * as http from 'node:http';
import * as https from 'node:https';
import type { LookupFunction } from 'node:net';
import { isPublicAddress } from './push-endpoint.ts';

/** Addresses of a name. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/** A name leads into a network that the outside has no business in. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

export interface GuardedPostOptions {
  readonly resolve?: Resolve;
  readonly allowsLoopback: boolean;
}

/** Sends a body, and reads the status and what may say when to come again. */
export type GuardedPost = (
  url: URL,
  headers: Readonly<Record<string, string | number>>,
  body: Buffer,
  signal: AbortSignal,
) => Promise<{ readonly status: number }>;

const SOCKETS = 64;

/**
 * The way out to push services (SEC-69). The addresses of a name are judged in the very look-up that the connection is made
 * with, so that a name cannot mean one thing when it is asked and another when it is called. Redirects are not followed, and
 * what the other side says is not read.
 */
export const guardedPost = ({ resolve = resolveAll, allowsLoopback }: GuardedPostOptions): GuardedPost => {
  const agents = {
    'https:': new https.Agent({ keepAlive: true, maxSockets: SOCKETS }),
    'http:': new http.Agent({ keepAlive: true, maxSockets: SOCKETS }),
  };
  const guardedLookup: LookupFunction = (hostname, options, callback) => {
    void resolve(hostname).then(
      (addresses) => {
        const isRefused = (it: LookupAddress) =>
          !isPublicAddress(it.address) && !(allowsLoopback && isLoopbackAddress(it.address));
        const [first] = addresses;
        if (first === undefined || addresses.some(isRefused)) {
          callback(new AddressRefused('A push service has no public address.'), '', 0);
        } else if (options.all === true) {
          callback(null, [...addresses]);
        } else {
          callback(null, first.address, first.family);
        }
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0),
    );
  };

  return (url, headers, body, signal) =>
    new Promise((done, fail) => {
      const isSecure = url.protocol === 'https:';
      const agent = agents[isSecure ? 'https:' : 'http:'];
      const request = (isSecure ? https : http).request(url, {
        method: 'POST',
        headers,
        agent,
        signal,
        lookup: guardedLookup,
      });
      request.on('error', fail);
      request.on('response', (response) => {
        const { statusCode: status = 0 } = response;
        // Nothing in the body is of use; a long one would hold the connection.
        response.on('error', () => undefined).destroy();
        done({ status });
      });
      request.end(body);
    });
};

const resolveAll: Resolve = (hostname) => lookup(hostname, { all: true });

const isLoopbackAddress = (address: string): boolean => address === '::1' || address.startsWith('127.');
