import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a provider does with a call instead of what it usually does (F27, F28). */
export interface ScriptedAnswer {
  /** Which call; any where absent. */
  readonly on?: string;
  /** No answer at all, a connection that breaks, one that is announced to end, or that status. */
  readonly answer: 'hang' | 'reset' | 'drain' | number;
  /** The provider's word for it. */
  readonly code?: string;
  readonly retryAfter?: string;
  /** So often; without it always. */
  readonly times?: number;
}

/** What becomes of a message that was taken: the phone gets it once, or, although the provider has said yes, otherwise (F29, F30). */
export type DeliveryMode = 'once' | 'never' | 'twice' | 'late';

/** The ill will of a fake provider, the same for all of them. */
export class FakeBehaviour<Taken> {
  readonly taken: Taken[] = [];
  /** What reached phones, in that order. */
  readonly delivered: Taken[] = [];
  /** Why calls were refused for what is in them, oldest first: a sound transport is never told of any. */
  readonly refusals: string[] = [];
  mode: DeliveryMode = 'once';
  #late: Taken[] = [];
  #scripted: { readonly given: ScriptedAnswer; left: number }[] = [];

  script(given: ScriptedAnswer): void {
    this.#scripted.push({ given, left: given.times ?? Number.POSITIVE_INFINITY });
  }

  /** Back to what it usually does. */
  repair(): void {
    this.#scripted = [];
    this.mode = 'once';
  }

  next(on: string): ScriptedAnswer | undefined {
    const found = this.#scripted.find(({ given, left }) => left > 0 && (given.on === undefined || given.on === on));
    if (found !== undefined) found.left -= 1;
    return found?.given;
  }

  take(message: Taken): void {
    this.taken.push(message);
    if (this.mode === 'late') this.#late.push(message);
    else if (this.mode !== 'never') this.delivered.push(...Array<Taken>(this.mode === 'twice' ? 2 : 1).fill(message));
  }

  /** What was late arrives. */
  deliverLate(): void {
    this.delivered.push(...this.#late.splice(0));
  }
}

/**
 * Steers a fake by HTTP, for tests that have it in a process of its own: `GET /captured`, `POST /script` with a {@link ScriptedAnswer},
 * `POST /mode` with a {@link DeliveryMode}, `POST /late`, `POST /repair`. False for what is none of them.
 */
export const steerFake = (
  behaviour: FakeBehaviour<unknown>,
  request: IncomingMessage,
  response: ServerResponse,
): boolean => {
  const commands: Readonly<Record<string, (body: string) => unknown>> = {
    'GET /captured': () => ({
      taken: behaviour.taken,
      delivered: behaviour.delivered,
      refusals: behaviour.refusals,
    }),
    'POST /script': (body) => behaviour.script(JSON.parse(body) as ScriptedAnswer),
    'POST /mode': (body) => {
      behaviour.mode = JSON.parse(body) as DeliveryMode;
    },
    'POST /late': () => behaviour.deliverLate(),
    'POST /repair': () => behaviour.repair(),
  };
  const name = `${request.method} ${request.url}`;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) return false;
  void readBody(request, 65_536).then((body) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(command(body?.toString('utf8') ?? '') ?? {}));
  });
  return true;
};

/** Listens for such commands alone. */
export const startSteering = async (
  behaviour: FakeBehaviour<unknown>,
): Promise<{ readonly url: string; close(): Promise<void> }> => {
  const server = createServer((request, response) => {
    if (!steerFake(behaviour, request, response)) response.writeHead(404).end();
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
};

/** Undefined for one that is longer than that. */
export const readBody = async (stream: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length <= maxBytes) chunks.push(chunk);
  }
  return length <= maxBytes ? Buffer.concat(chunks) : undefined;
};
