import * as http from 'node:http';
import * as http2 from 'node:http2';
import * as https from 'node:https';
import type { LookupFunction } from 'node:net';
import { type AddressGuard, type AddressGuardOptions, AddressRefused, addressGuard } from './address-guard.ts';
import { AnswerAllowance, AnswerTooLong } from './answer-allowance.ts';
import { allowanceOf, meteredAgents, meteredConnection } from './metered-connections.ts';
import { isLoopbackName } from './public-address.ts';

/** With `allowsLoopback` the other side may be on this machine also by plain http. */
export interface GuardedRequestsOptions extends AddressGuardOptions {
  /** Certificates (PEM) that are trusted instead of those of the system; for tests, whose servers have their own. */
  readonly trusted?: string;
  /** One that other connections use, too, so that a realm has one bound for all its look-ups; one of these options where absent. */
  readonly guard?: AddressGuard;
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

/** Calls to hosts that one realm names. */
export interface RealmRequests {
  send(url: URL, request: OutboundRequest): Promise<OutboundAnswer>;
  /**
   * Begins a connection for many requests of HTTP/2. It throws where the address may not be called; what else goes wrong its streams tell.
   * It is the caller's to close.
   */
  connect(url: URL): http2.ClientHttp2Session;
}

/** Calls by realm, for what connects once for each call. */
export interface RealmSenders {
  of(realm: string): Pick<RealmRequests, 'send'>;
}

export interface GuardedRequests {
  /** Host names are looked up in turns of the realm; `OF_OPERATOR` for hosts that the operator names. */
  of(realm: string): RealmRequests;
  /** Ends what is under way. */
  close(): void;
}

const SOCKETS = 64;
/** Answers with a status of 1xx before the answer itself. Servers send one or two, and RFC 9110 §15.2 has no bound. */
const MAX_INFORMATIONAL = 10;
/** Of a body as the parser hands it on. Each costs some microseconds; a network packet has some 1,400 bytes, and the chunks of servers more. */
const MIN_CHUNKS = 512;
const BYTES_OF_CHUNK = 1_024;
const NOTHING = Buffer.alloc(0);

/**
 * The way out to addresses that others have named (SEC-69, OIDC-25), as far as the guard of addresses lets. Redirects are not followed. What the
 * other side sends is bounded in bytes and pieces as it arrives, and the connection ends where it sends more (SEC-93).
 */
export const guardedRequests = (options: GuardedRequestsOptions): GuardedRequests => {
  const { allowsLoopback, trusted } = options;
  const { guard = addressGuard(options) } = options;
  const trust = trusted === undefined ? {} : { ca: trusted };
  // A connection that was made to a private host is given to requests to that host alone: agents keep them by host and port.
  const open = meteredAgents(trust, SOCKETS);
  const sessions = new Set<http2.ClientHttp2Session>();
  /** How the name of an address is looked up that may be called; throws for one that may not. */
  const judged = (realm: string, url: URL): LookupFunction => {
    const fault = faultOf(url, allowsLoopback);
    if (fault !== undefined) throw new AddressRefused(fault);
    return guard.of(realm).lookupOf(url.hostname, portOf(url), [usualPortOf(url)]);
  };

  const ofRealm = (realm: string): RealmRequests => ({
    send: (url, { method, headers, body, signal, maxBytes = 0 }) =>
      new Promise((done, fail) => {
        const lookup = judged(realm, url);
        const isSecure = url.protocol === 'https:';
        const request = (isSecure ? https : http).request(url, {
          method,
          headers,
          agent: open[isSecure ? 'https:' : 'http:'],
          signal,
          lookup,
        });
        request.on('error', fail);
        request.on('socket', (socket) => allowanceOf(socket)?.renew(maxBytes));
        let informational = 0;
        request.on('information', () => {
          informational += 1;
          if (informational > MAX_INFORMATIONAL) request.destroy(tooManyInformational(url.hostname));
        });
        let isAnswered = false;
        // An answer that would change the protocol (101) closes the connection and is neither an error nor a response.
        request.on('close', () => {
          if (!isAnswered) fail(new Error('The connection was closed without an answer.'));
        });
        request.on('response', (response) => {
          isAnswered = true;
          const { statusCode: status = 0 } = response;
          bodyOf(response, url.hostname, maxBytes).then(
            (read) => done({ status, headers: response.headers, body: read }),
            fail,
          );
        });
        request.end(body);
      }),
    connect(url) {
      const lookup = judged(realm, url);
      const allowance = new AnswerAllowance(url.hostname);
      const session = http2.connect(url.origin, {
        settings: { enablePush: false },
        createConnection: () => {
          const isSecure = url.protocol === 'https:';
          const peer = { host: url.hostname.replace(/^\[|\]$/g, ''), port: portOf(url), lookup };
          return meteredConnection(isSecure, peer, trust, allowance);
        },
      });
      sessions.add(session);
      session.on('close', () => sessions.delete(session));
      const request = session.request.bind(session);
      return Object.assign(session, {
        request: (...given: Parameters<typeof request>) => {
          const stream = request(...given);
          allowance.requestBegins();
          stream.once('close', () => allowance.requestEnds());
          let informational = 0;
          stream.on('headers', () => {
            informational += 1;
            if (informational > MAX_INFORMATIONAL) session.destroy(tooManyInformational(url.hostname));
          });
          return stream;
        },
      });
    },
  });

  return {
    of: ofRealm,
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

const usualPortOf = ({ protocol }: URL): number => (protocol === 'https:' ? 443 : 80);

const portOf = (url: URL): number => (url.port === '' ? usualPortOf(url) : Number(url.port));

const tooManyInformational = (host: string): Error =>
  new AnswerTooLong(`${host} sends more than ${MAX_INFORMATIONAL} answers with a status of 1xx.`);

const bodyOf = (response: http.IncomingMessage, host: string, maxBytes: number): Promise<Buffer> =>
  new Promise((done, fail) => {
    response.on('error', fail);
    if (maxBytes === 0) {
      // Nothing in the body is of use; a long one would hold the connection.
      response.destroy();
      done(NOTHING);
      return;
    }
    const maxChunks = MIN_CHUNKS + Math.ceil(maxBytes / BYTES_OF_CHUNK);
    const chunks: Buffer[] = [];
    let length = 0;
    response.on('data', (chunk: Buffer) => {
      length += chunk.length;
      chunks.push(chunk);
      if (length > maxBytes)
        response.destroy(new AnswerTooLong(`The answer of ${host} has more than ${maxBytes} bytes.`));
      else if (chunks.length > maxChunks)
        response.destroy(new AnswerTooLong(`The answer of ${host} comes in more than ${maxChunks} chunks.`));
    });
    response.on('end', () => done(Buffer.concat(chunks)));
    response.on('close', () => fail(new Error(`${host} closed the connection within its answer.`)));
  });
