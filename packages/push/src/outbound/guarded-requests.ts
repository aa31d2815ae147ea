import * as http from 'node:http';
import * as http2 from 'node:http2';
import * as https from 'node:https';
import type { LookupFunction } from 'node:net';
import { type AddressGuardOptions, AddressRefused, addressGuard } from './address-guard.ts';
import { isLoopbackName } from './public-address.ts';

/** The other side says more than anybody reads. */
class AnswerTooLong extends Error {
  override readonly name = 'AnswerTooLong';
}

/** With `allowsLoopback` the other side may be on this machine also by plain http. */
export interface GuardedRequestsOptions extends AddressGuardOptions {
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
 * The way out to addresses that others have named (SEC-69, OIDC-25), as far as the guard of addresses lets. Redirects are not followed, and of
 * what the other side says no more is read than the caller wants.
 */
export const guardedRequests = (options: GuardedRequestsOptions): GuardedRequests => {
  const { allowsLoopback, trusted } = options;
  const guard = addressGuard(options);
  const keepAlive = { keepAlive: true, maxSockets: SOCKETS };
  const trust = trusted === undefined ? {} : { ca: trusted };
  // A connection that was made to a private host is given to requests to that host alone: agents keep them by host and port.
  const open = { 'https:': new https.Agent({ ...keepAlive, ...trust }), 'http:': new http.Agent(keepAlive) };
  const sessions = new Set<http2.ClientHttp2Session>();
  /** How the name of an address is looked up that may be called; throws for one that may not. */
  const judged = (url: URL): LookupFunction => {
    const fault = faultOf(url, allowsLoopback);
    if (fault !== undefined) throw new AddressRefused(fault);
    const usualPort = url.protocol === 'https:' ? 443 : 80;
    return guard.lookupOf(url.hostname, url.port === '' ? usualPort : Number(url.port), [usualPort]);
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

/** What is wrong with an address before anybody is asked for it. */
const faultOf = ({ protocol, username, password, hostname }: URL, allowsLoopback: boolean): string | undefined => {
  const isPlain = protocol === 'http:' && allowsLoopback && isLoopbackName(hostname);
  if (protocol !== 'https:' && !isPlain) return 'The address is not one of https.';
  return username !== '' || password !== '' ? 'The address has a user name in it.' : undefined;
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
