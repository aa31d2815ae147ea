import { connect, type Socket } from 'node:net';

export interface Reply {
  readonly status: number;
  /** The status line and the headers, as they came. */
  readonly head: string;
  readonly body: string;
}

export interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Lines of the head beside `host` and `content-length`, each with its end. */
  readonly headers?: string;
  readonly body?: string;
}

const JSON_CALL = 'content-type: application/json\r\naccept-api-version: protocol=1.0,resource=2.1\r\n';

const connected = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.setNoDelay(true);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });

const HEAD_END = Buffer.from('\r\n\r\n');
const NOTHING: Buffer = Buffer.alloc(0);

/**
 * One kept-alive connection with one request at a time. It knows no more of HTTP than our servers send, so that the
 * measuring process stays cheaper than what it measures.
 */
export class HttpConnection {
  #socket: Socket;
  readonly #port: number;
  readonly #host: string;
  /** Milliseconds that each request took; whoever measures empties it. */
  readonly latencies: number[] = [];
  #sentAt = 0;
  #received = NOTHING;
  #waiting: { readonly resolve: (reply: Reply) => void; readonly reject: (error: Error) => void } | undefined;

  private constructor(socket: Socket, port: number) {
    this.#port = port;
    this.#host = `host: localhost:${port}\r\n`;
    this.#socket = this.#heard(socket);
  }

  static async open(port: number): Promise<HttpConnection> {
    return new HttpConnection(await connected(port), port);
  }

  #heard(socket: Socket): Socket {
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('The server closed the connection.')));
    return socket;
  }

  post(path: string, body: string): Promise<Reply> {
    return this.send({ method: 'POST', path, headers: JSON_CALL, body });
  }

  /** Connects again where the server has closed the connection between two requests, as it does after 65 idle seconds. */
  async send(call: Call): Promise<Reply> {
    if (this.#waiting !== undefined) throw new Error('A request is under way on this connection.');
    if (this.#socket.destroyed) {
      this.#received = NOTHING;
      this.#socket = this.#heard(await connected(this.#port));
    }
    return this.#exchange(call);
  }

  #exchange({ method, path, headers = '', body = '' }: Call): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#sentAt = performance.now();
      const length = method === 'POST' ? `content-length: ${Buffer.byteLength(body)}\r\n` : '';
      this.#socket.write(`${method} ${path} HTTP/1.1\r\n${this.#host}${headers}${length}\r\n${body}`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const end = this.#received.indexOf(HEAD_END);
    if (end < 0) return;
    const head = this.#received.toString('latin1', 0, end);
    const [, length] = /\r\ncontent-length: *(\d+)/i.exec(head) ?? [];
    if (length === undefined) {
      this.#fail(new Error(`A reply without a length: ${head.slice(0, 200)}`));
      return;
    }
    const from = end + HEAD_END.length;
    const to = from + Number(length);
    if (this.#received.length < to) return;
    const body = this.#received.toString('utf8', from, to);
    this.#received = this.#received.length === to ? NOTHING : this.#received.subarray(to);
    this.latencies.push(performance.now() - this.#sentAt);
    const { resolve } = this.#waiting ?? {};
    this.#waiting = undefined;
    resolve?.({ status: Number(head.slice(9, 12)), head, body });
  }

  #fail(error: Error): void {
    const { reject } = this.#waiting ?? {};
    this.#waiting = undefined;
    reject?.(error);
  }
}
