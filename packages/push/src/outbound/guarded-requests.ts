import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import * as http from 'node:http';
import * as http2 from 'node:http2';
import * as https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isHostOf, isLoopbackAddress, isLoopbackName, isPublicAddress } from './public-address.ts';

/** Addresses of a name. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/** An address is not one of https, or leads into a network that the outside has no business in. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

/** The other side says more than anybody reads. */
class AnswerTooLong extends Error {
  override readonly name = 'AnswerTooLong';
}

export interface GuardedRequestsOptions {
  readonly resolve?: Resolve;
  /** Tests and trials have the other side on this machine, also by plain http. */
  readonly allowsLoopback: boolean;
  /** Hosts whose addresses may be private, as an operator says: `app.internal`, `app.internal:8443`, or `*.example.com`. */
  readonly privateHosts?: readonly string[];
  /** Certificates (PEM) that are trusted instead of those of the system; for tests, whose servers have their own. */
  readonly trusted?: string;
}

export interface OutboundRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body?: Buffer;
  /** Ends it, whatever it is at. */
  readonly signal: AbortSignal;
  /** How much of the answer is read; nothing where absent. One that is longer is an error. */
  readonly maxBytes?: number;
}

export interface OutboundAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface GuardedRequests {
  send(url: URL, request: OutboundRequest): Promise<OutboundAnswer>;
  /**
   * Begins a connection for many requests of HTTP/2. It throws where the address may not be called; what else goes wrong its streams tell.
   * It is the caller's to close.
   */
  connect(url: URL): http2.ClientHttp2Session;
  /** Ends what is under way. */
  close(): void;
}

const SOCKETS = 64;
const NOTHING = Buffer.alloc(0);

/**
 * The way out to addresses that others have named (SEC-69, OIDC-25). The addresses of a name are judged in the very look-up that
 * the connection is made with, so that a name cannot mean one thing when it is asked and another when it is called. Redirects
 * are not followed, and of what the other side says no more is read than the caller wants.
 */
export const guardedRequests = (options: GuardedRequestsOptions): GuardedRequests => {
  const { resolve: ask = resolveAll, allowsLoopback, privateHosts = [], trusted } = options;
  const resolve = askedOnce(ask);
  const keepAlive = { keepAlive: true, maxSockets: SOCKETS };
  const trust = trusted === undefined ? {} : { ca: trusted };
  const open = { 'https:': new https.Agent({ ...keepAlive, ...trust }), 'http:': new http.Agent(keepAlive) };
  const sessions = new Set<http2.ClientHttp2Session>();
  // A connection that was made to a private host is given to requests to that host alone: agents keep them by host and port.
  const isCallable = (address: string): boolean =>
    isPublicAddress(address) || (allowsLoopback && isLoopbackAddress(address));

  const lookupFor =
    (isPrivate: boolean): LookupFunction =>
    (hostname, { all }, callback) => {
      void resolve(hostname).then(
        (addresses) => {
          const [first] = addresses;
          if (first === undefined || !addresses.every(({ address }) => isPrivate || isCallable(address))) {
            callback(new AddressRefused('The name has no address that may be called.'), '', 0);
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
  /** How the name of an address is looked up that may be called; throws for one that may not. */
  const judged = (url: URL): LookupFunction => {
    const isPrivate = privateHosts.some((host) => isHostOf(host, url.host));
    const fault = faultOf(url, { allowsLoopback, isNumberAllowed: (it) => isPrivate || isCallable(it) });
    if (fault !== undefined) throw new AddressRefused(fault);
    return lookups[isPrivate ? 'private' : 'public'];
  };

  return {
    send: (url, { method, headers, body, signal, maxBytes = 0 }) =>
      new Promise((done, fail) => {
        const lookup = judged(url);
        const isSecure = url.protocol === 'https:';
        const request = (isSecure ? https : http).request(url, {
          method,
          headers,
          agent: open[isSecure ? 'https:' : 'http:'],
          signal,
          lookup,
        });
        request.on('error', fail);
        let isAnswered = false;
        // An answer that would change the protocol (101) closes the connection and is neither an error nor a response.
        request.on('close', () => {
          if (!isAnswered) fail(new Error('The connection was closed without an answer.'));
        });
        request.on('response', (response) => {
          isAnswered = true;
          const { statusCode: status = 0 } = response;
          readOf(response, maxBytes).then((read) => done({ status, headers: response.headers, body: read }), fail);
        });
        request.end(body);
      }),
    connect(url) {
      const session = http2.connect(url.origin, { ...trust, lookup: judged(url), settings: { enablePush: false } });
      sessions.add(session);
      session.on('close', () => sessions.delete(session));
      return session;
    },
    close() {
      for (const session of sessions) session.destroy();
      for (const agent of Object.values(open)) agent.destroy();
    },
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

/** What is wrong with an address before anybody is asked for it; a number is never looked up, so it is judged here. */
const faultOf = (
  { protocol, username, password, hostname }: URL,
  { allowsLoopback, isNumberAllowed }: { allowsLoopback: boolean; isNumberAllowed: (address: string) => boolean },
): string | undefined => {
  const isPlain = protocol === 'http:' && allowsLoopback && isLoopbackName(hostname);
  if (protocol !== 'https:' && !isPlain) return 'The address is not one of https.';
  if (username !== '' || password !== '') return 'The address has a user name in it.';
  const address = hostname.replace(/^\[|\]$/g, '');
  return isIP(address) === 0 || isNumberAllowed(address) ? undefined : 'The address may not be called.';
};

const readOf = async (response: http.IncomingMessage, maxBytes: number): Promise<Buffer> => {
  if (maxBytes === 0) {
    // Nothing in the body is of use; a long one would hold the connection.
    response.on('error', () => undefined).destroy();
    return NOTHING;
  }
  const chunks: Buffer[] = [];
  let length = 0;
  // To leave the loop ends the connection.
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw new AnswerTooLong(`The answer has more than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

const resolveAll: Resolve = (hostname) => lookup(hostname, { all: true });
