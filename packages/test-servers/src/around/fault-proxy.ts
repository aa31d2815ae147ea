import { EventEmitter, once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { LOOPBACK } from '../machine/ports.ts';

/** `up` is from the client to the server, `down` back. */
export type Direction = 'up' | 'down';

/** What the proxy does to those who are connected, and to those who come. */
export type Fault =
  | { readonly kind: 'none' }
  /** What is sent arrives that much later. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Nothing passes and nothing breaks, until there is another fault. */
  | { readonly kind: 'hold' }
  /** Whoever comes is thrown out; whoever is connected stays. */
  | { readonly kind: 'refuse' }
  /** The next connection that has sent so many bytes in a direction, counted from now, is cut there. */
  | { readonly kind: 'cut-after'; readonly direction: Direction; readonly bytes: number }
  /**
   * The next connection on which these bytes are sent is cut once `passed` of them have gone through: before them with 0, in their midst,
   * or with their length after them, in which case the server has them and its answer is lost.
   */
  | { readonly kind: 'cut-at'; readonly direction: Direction; readonly bytes: Uint8Array; readonly passed: number };

const NO_FAULT: Fault = { kind: 'none' };

/** How much of a chunk still passes before the cut; undefined where the connection is not to be cut in it. */
type Cut = number | undefined;

interface Connection {
  readonly client: Socket;
  readonly server: Socket;
  /** Whether nothing passes any more, in either direction. */
  isCut: boolean;
}

/** One direction of one connection: finds out where in its bytes a cut is to be. */
class Watch {
  #fault: Fault | undefined;
  #passed = 0;
  /** The last bytes that have gone through, since what is looked for may come in pieces. */
  #tail: Buffer = Buffer.alloc(0);

  cutIn(chunk: Buffer, fault: Fault, direction: Direction): Cut {
    if (fault !== this.#fault) {
      this.#fault = fault;
      this.#passed = 0;
      this.#tail = Buffer.alloc(0);
    }
    if (fault.kind === 'cut-after' && fault.direction === direction) {
      const left = fault.bytes - this.#passed;
      this.#passed += chunk.length;
      return chunk.length >= left ? left : undefined;
    }
    if (fault.kind === 'cut-at' && fault.direction === direction) return this.#cutAt(chunk, fault);
    return undefined;
  }

  #cutAt(chunk: Buffer, { bytes, passed }: Extract<Fault, { kind: 'cut-at' }>): Cut {
    const seen = Buffer.concat([this.#tail, chunk]);
    const at = seen.indexOf(bytes);
    if (at === -1) {
      this.#tail = seen.subarray(Math.max(0, seen.length - bytes.length + 1));
      return undefined;
    }
    // A part of them that came in an earlier piece has passed already.
    return Math.max(0, at + passed - this.#tail.length);
  }
}

/** Leaves no listener behind: a busy connection is drained often. */
const drained = async (socket: Socket): Promise<void> => {
  const over = new AbortController();
  const { signal } = over;
  // Of the one that does not come there is nothing to tell.
  const events = ['drain', 'close'].map((name) => once(socket, name, { signal }));
  await Promise.race(events);
  over.abort();
  await Promise.allSettled(events);
};

/**
 * A proxy for bytes, between clients and a server, that breaks what passes through it at a byte that a test names. One fault holds at a
 * time, for all connections; after a cut there is none.
 */
export class FaultProxy {
  readonly port: number;
  readonly #listener: Server;
  /** The port that new connections lead to. */
  target: number;
  readonly #connections = new Set<Connection>();
  #fault: Fault = NO_FAULT;
  #cuts = 0;
  readonly #changes = new EventEmitter().setMaxListeners(0);

  private constructor(listener: Server, target: number) {
    this.#listener = listener;
    this.target = target;
    this.port = (listener.address() as AddressInfo).port;
    listener.on('connection', (client: Socket) => this.#accept(client));
  }

  /** Listens on a free port and leads to another one of the loopback interface. */
  static async launch(target: number): Promise<FaultProxy> {
    const listener = createServer({ allowHalfOpen: true }).listen(0, LOOPBACK);
    await once(listener, 'listening');
    return new FaultProxy(listener, target);
  }

  /** How many connections a `cut-after` or `cut-at` has cut. */
  get cuts(): number {
    return this.#cuts;
  }

  get connections(): number {
    return this.#connections.size;
  }

  set fault(fault: Fault) {
    this.#fault = fault;
    this.#changes.emit('fault');
  }

  get fault(): Fault {
    return this.#fault;
  }

  /** Breaks every connection that is open now. */
  breakAll(): void {
    for (const { client, server } of this.#connections) for (const socket of [client, server]) socket.resetAndDestroy();
  }

  /** The address of a server by way of it. */
  urlThrough(url: string): string {
    const through = new URL(url);
    through.host = `${LOOPBACK}:${this.port}`;
    return through.href;
  }

  async close(): Promise<void> {
    this.#listener.close();
    this.fault = NO_FAULT;
    this.breakAll();
    await once(this.#listener, 'close');
  }

  #accept(client: Socket): void {
    client.on('error', () => {});
    if (this.#fault.kind === 'refuse') {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ port: this.target, host: LOOPBACK, allowHalfOpen: true });
    const connection: Connection = { client, server, isCut: false };
    this.#connections.add(connection);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#connections.delete(connection);
        other.destroy();
      });
    }
    void this.#pass(connection, 'up');
    void this.#pass(connection, 'down');
  }

  /** Reads on only once what was read is written, so that a client feels a server that is slow. */
  async #pass(connection: Connection, direction: Direction): Promise<void> {
    const { client, server } = connection;
    const [from, to] = direction === 'up' ? [client, server] : [server, client];
    const watch = new Watch();
    try {
      for await (const chunk of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        if (this.#fault.kind === 'delay') await delay(this.#fault.ms);
        while (this.#fault.kind === 'hold') await once(this.#changes, 'fault');
        if (connection.isCut) return;
        const cut = watch.cutIn(chunk, this.#fault, direction);
        if (cut !== undefined) {
          this.#cuts += 1;
          this.fault = NO_FAULT;
          connection.isCut = true;
          // The bytes before the cut arrive, and whoever sent them hears nothing any more.
          to.end(chunk.subarray(0, cut), () => from.resetAndDestroy());
          return;
        }
        if (!to.write(chunk)) await drained(to);
      }
      to.end();
    } catch {
      // One of the two is gone, and with it goes the other.
      from.destroy();
      to.destroy();
    }
  }
}
