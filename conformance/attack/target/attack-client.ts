import { Agent, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import type { RestAnswer, RestCallback } from '../../support/rest-client.ts';

export interface Sent {
  readonly method: string;
  /** From the root of the host, exactly as it is to be sent. */
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Uint8Array;
  /** An address of the loopback network: the server counts what addresses do wrong. */
  readonly from: string;
}

/** Of what is larger the server may read no more than a part, and closes the connection. */
const LARGE = 8_000;

/** AM's answer to an action that there is none of is the only 5xx that a client may bring about. */
const isFailure = (status: number, text: string): boolean =>
  status >= 500 && !(status === 501 && text.includes('Action not supported'));

/** What an answer says of the inside of a server (design.md, decision 12). */
const LEAKS = /node_modules|\bat (?:\w+\.)?\w+ \(|\b(?:Type|Range|Reference)Error\b|SQLITE|ENAMETOOLONG|ECONNREFUSED/;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const read = (status: number, headers: IncomingMessage['rawHeaders'], text: string): RestAnswer => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  const body = isObject(parsed) ? parsed : {};
  const found = new Headers();
  for (let at = 0; at < headers.length; at += 2) found.append(headers[at] ?? '', headers[at + 1] ?? '');
  return {
    status,
    headers: found,
    text,
    body,
    authId: typeof body.authId === 'string' ? body.authId : undefined,
    callbacks: Array.isArray(body.callbacks) ? (body.callbacks as RestCallback[]) : [],
    tokenId: typeof body.tokenId === 'string' ? body.tokenId : undefined,
  };
};

/** Sends requests exactly as they are given, over connections that are used again, and sees every answer (I4, I5). */
export class AttackClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly #host: string;
  readonly #port: string;
  readonly #failures: string[] = [];
  #addresses: string[] = [];
  #answers = 0;

  constructor(am: string) {
    const { host, port } = new URL(am);
    this.#host = host;
    this.#port = port;
  }

  get answers(): number {
    return this.#answers;
  }

  /** Answers that no request may have (I4), and what they tell of the inside, since this was asked last. */
  takeFailures(): readonly string[] {
    return this.#failures.splice(0);
  }

  /** Where answers have sent somebody since this was asked last: whatever stands there is kept by browsers and proxies (I5). */
  takeAddresses(): string {
    const text = this.#addresses.join('\n');
    this.#addresses = [];
    return text;
  }

  /** Status 0 where the server closed the connection, as it may for what is too large. */
  send(sent: Sent): Promise<RestAnswer> {
    const { method, path, headers = {}, body, from } = sent;
    const size = path.length + (body?.length ?? 0);
    const length = body !== undefined && { 'content-length': Buffer.byteLength(body) };
    return new Promise((resolve) => {
      let isOver = false;
      const end = (status: number, rawHeaders: readonly string[], text: string) => {
        if (isOver) return;
        isOver = true;
        resolve(this.#seen(sent, read(status, [...rawHeaders], text), size));
      };
      const asked = request(
        {
          host: '127.0.0.1',
          port: this.#port,
          method,
          path,
          headers: { host: this.#host, ...length, ...headers },
          localAddress: from,
          // After what is too large the server closes: another request on that connection would be lost.
          agent: size > LARGE ? false : this.#agent,
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk;
          });
          const whole = () => end(response.statusCode ?? 0, response.rawHeaders, text);
          response.on('end', whole).on('error', whole);
        },
      );
      asked.on('error', () => end(0, [], ''));
      asked.end(body);
    });
  }

  /** Writes these bytes and returns all that comes back until the server closes the connection. */
  bytes(text: string, from: string): Promise<string> {
    return new Promise((resolve) => {
      let answer = '';
      const socket = connect({ host: '127.0.0.1', port: Number(this.#port), localAddress: from }, () =>
        socket.write(text.replaceAll('{host}', this.#host)),
      );
      socket.on('data', (chunk) => {
        answer += chunk;
      });
      // A reset after the answer is a way of closing, too.
      socket.on('error', () => resolve(answer)).on('close', () => resolve(answer));
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  #seen({ method, path }: Sent, answer: RestAnswer, size: number): RestAnswer {
    const { status, text, headers } = answer;
    this.#answers += 1;
    // A queue that is full says when to come back, and has lost nothing (REL-14).
    const isFull = status === 503 && headers.has('retry-after');
    const isUnanswered = status === 0 && size <= LARGE;
    if ((isFailure(status, text) && !isFull) || isUnanswered || LEAKS.test(text))
      this.#failures.push(`${method} ${path.slice(0, 120)}: ${status} ${text.slice(0, 200)}`);
    const location = headers.get('location');
    if (location !== null) this.#addresses.push(location);
    return answer;
  }
}
