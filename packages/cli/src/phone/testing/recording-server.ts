import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as it arrived. */
export interface RecordedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A local server that keeps every request and answers as the test says. */
export interface RecordingServer {
  readonly origin: string;
  readonly requests: RecordedRequest[];
  /** How to answer from now on; the default is 200 with `{}`. */
  answerWith(answer: (request: RecordedRequest, response: ServerResponse) => void): void;
  close(): Promise<void>;
}

/** Starts a server on a free port of the loopback address. */
export async function startRecordingServer(): Promise<RecordingServer> {
  const requests: RecordedRequest[] = [];
  let answer = (_request: RecordedRequest, response: ServerResponse): void => replyJson(response, 200, {});
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const request = {
        method: incoming.method ?? '',
        url: incoming.url ?? '',
        headers: incoming.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      requests.push(request);
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    answerWith: (next) => {
      answer = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Sends a JSON reply, with the server's time when a test wants it to differ. */
export function replyJson(response: ServerResponse, status: number, body: unknown, date?: number): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(date === undefined ? {} : { date: new Date(date).toUTCString() }),
  });
  response.end(JSON.stringify(body));
}
