import * as http from 'node:http';
import * as https from 'node:https';
import { connect, isIP, type LookupFunction, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import { type DataReader, filteredSocket } from '@assent/engine/host';
import { AnswerAllowance } from './answer-allowance.ts';

/** A parser that fails goes on to the end of the piece that it has. */
const PARSED_AT_ONCE = 4_096;
const KEEP_ALIVE_MILLIS = 1_000;

/** Where a connection leads. */
interface Peer {
  readonly host: string;
  readonly port: number;
  readonly lookup?: LookupFunction;
}

const allowances = new WeakMap<object, AnswerAllowance>();

/** What the other side of a connection may still send. */
export const allowanceOf = (connection: object): AnswerAllowance | undefined => allowances.get(connection);

/** A connection of TCP that ends once the other side has sent more than it may. */
const meteredWire = (peer: Peer, allowance: AnswerAllowance): Socket => {
  const socket = connect({
    ...peer,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MILLIS,
  });
  // It counts also while a kept connection is idle and nothing else listens.
  return socket.on('data', (piece: Buffer) => {
    try {
      allowance.take(piece);
    } catch (error) {
      socket.destroy(error as Error);
    }
  });
};

/**
 * A socket without a handle. TLS and HTTP/2 of Node read the handle of a socket in native code, where no filter of `data` sees a byte; of any other
 * stream they read the data.
 */
class HandlelessSocket extends Duplex {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on('data', (piece: Buffer) => {
      if (!socket.destroyed && !this.push(piece)) socket.pause();
    });
    let hasEnded = false;
    socket.on('end', () => {
      hasEnded = true;
      this.push(null);
    });
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => {
      // What has arrived before its end is still read.
      if (hasEnded && !this.readableEnded) this.once('end', () => this.destroy());
      else this.destroy();
    });
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(piece: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(piece, done);
  }

  override _writev(pieces: { readonly chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#socket.write(Buffer.concat(pieces.map(({ chunk }) => chunk)), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}

/** Certificates that are trusted instead of those of the system, PEM. */
interface Trust {
  readonly ca?: string;
}

/** Encrypts a connection. What is below has the only handle, so that an idle connection keeps the process alive by it alone. */
const secured = (wire: Socket, open: (below: Duplex) => Duplex): Duplex => {
  const secure = open(new HandlelessSocket(wire));
  const ref = () => {
    wire.ref();
    return secure;
  };
  const unref = () => {
    wire.unref();
    return secure;
  };
  return Object.assign(secure, { ref, unref });
};

/** For a parser of HTTP/1. */
const parsedInParts = (socket: Duplex, allowance: AnswerAllowance): Duplex => {
  allowances.set(socket, allowance);
  return filteredSocket(socket, (handOn: DataReader<Buffer>) => (piece: Buffer) => {
    for (let at = 0; at < piece.length && !socket.destroyed; at += PARSED_AT_ONCE)
      handOn(piece.subarray(at, at + PARSED_AT_ONCE));
  });
};

const peerOf = ({ host, port, lookup }: http.ClientRequestArgs): Peer => ({
  host: host ?? '',
  port: Number(port),
  ...(lookup !== undefined && { lookup }),
});

class PlainAgent extends http.Agent {
  override createConnection(options: http.ClientRequestArgs): Duplex {
    const peer = peerOf(options);
    const allowance = new AnswerAllowance(peer.host);
    return parsedInParts(meteredWire(peer, allowance), allowance);
  }
}

class SecureAgent extends https.Agent {
  override createConnection(options: https.RequestOptions): Duplex {
    const peer = peerOf(options);
    const allowance = new AnswerAllowance(peer.host);
    // The agent keeps the sessions of TLS.
    const open = (socket: Duplex) => super.createConnection({ ...options, socket } as https.RequestOptions) as Duplex;
    return parsedInParts(secured(meteredWire(peer, allowance), open), allowance);
  }
}

/** Keep connections of HTTP/1 to be used again. What may still arrive over one of them `allowanceOf` knows. */
export const meteredAgents = (trust: Trust, maxSockets: number) => {
  const options = { keepAlive: true, maxSockets };
  return { 'https:': new SecureAgent({ ...options, ...trust }), 'http:': new PlainAgent(options) };
};

/** A connection for HTTP/2. */
export const meteredConnection = (isSecure: boolean, peer: Peer, trust: Trust, allowance: AnswerAllowance): Duplex => {
  const wire = meteredWire(peer, allowance);
  if (!isSecure) return new HandlelessSocket(wire);
  const { host } = peer;
  return secured(wire, (socket) =>
    tlsConnect({
      socket,
      host,
      ALPNProtocols: ['h2'],
      // An address is not a name that a server could be asked for (RFC 6066 §3).
      ...(isIP(host) === 0 && { servername: host }),
      ...trust,
    }),
  );
};
