import { Agent, type OutgoingHttpHeaders, request } from 'node:http';

export interface WildRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
  /** Who calls, as the server sees it; it counts what addresses do wrong. */
  readonly from?: string;
}

/** Of what is larger, the server may read no more than a part. */
export const LARGE = 8_000;

export interface WildAnswer {
  /** 0 where the server closed the connection and read no further. */
  readonly status: number;
  readonly text: string;
}

/** Sends requests as they are given, over connections that are used again. */
export class WildCaller {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 16 });
  readonly #origin: URL;

  constructor(am: string) {
    this.#origin = new URL(am);
  }

  send({ method, path, headers = {}, body, from = '127.0.0.1' }: WildRequest): Promise<WildAnswer> {
    const { hostname, port, pathname } = this.#origin;
    const length = body !== undefined && { 'content-length': Buffer.byteLength(body) };
    return new Promise((resolve) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port,
          method,
          path: `${pathname}${path}`,
          headers: { host: `${hostname}:${port}`, ...length, ...headers },
          localAddress: from,
          // After what is too large the server closes: another request on that connection would be lost.
          agent: path.length + (body?.length ?? 0) > LARGE ? false : this.#agent,
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => {
            text += chunk;
          });
          const end = () => resolve({ status: response.statusCode ?? 0, text });
          response.on('end', end);
          response.on('error', end);
        },
      );
      sent.on('error', () => resolve({ status: 0, text: '' }));
      sent.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Does as much at once as connections allow, and says what came of each. */
export const inParallel = async <In, Out>(
  items: Iterable<In>,
  atOnce: number,
  work: (item: In) => Promise<Out>,
): Promise<readonly Out[]> => {
  const results: Out[] = [];
  const rest = items[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let next = rest.next(); next.done !== true; next = rest.next()) results.push(await work(next.value));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
};
