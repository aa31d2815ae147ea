import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { textOf } from './wire.ts';

/** On every answer (security-reliability §6). */
export const HEADERS = [
  ...['x-content-type-options', 'nosniff', 'referrer-policy', 'no-referrer'],
  ...['permissions-policy', 'camera=(), microphone=(), geolocation=(self)'],
  ...['cross-origin-opener-policy', 'same-origin', 'cache-control', 'private, no-store', 'pragma', 'no-cache'],
  ...['expires', '0', 'content-security-policy', "default-src 'none'; frame-ancestors 'none'", 'vary', 'Origin'],
];
export const V21 = ['content-api-version', 'resource=2.1'];

const JSON_TYPE = /^application\/json(\s*;\s*charset="?utf-8"?)?\s*$/i;
const TRANSACTION_ID = /^[\w/.-]{1,64}$/;
const FAILED = '{"code":401,"reason":"Unauthorized","message":"Login failure"}';
const REFUSED = '{"code":400,"reason":"Bad Request","message":"Bad request."}';

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly transactionId: string;
  readonly now: number;
  /** Of the server. */
  readonly port: number;
}

export const reply = ({ response, transactionId }: Exchange, status: number, body: string, ...others: string[]) => {
  const lines = HEADERS.slice();
  const length = Buffer.byteLength(body);
  lines.push('x-transaction-id', transactionId, ...others);
  lines.push('content-type', 'application/json; charset=utf-8', 'content-length', String(length));
  response.writeHead(status, lines);
  response.end(body, length === body.length ? 'latin1' : 'utf8');
};
export const fail = (exchange: Exchange): void => reply(exchange, 401, FAILED, ...V21);
export const refuse = (exchange: Exchange): void => reply(exchange, 400, REFUSED);

export interface Routes {
  /** What may be posted, by its whole address, and how many bytes of it. */
  readonly posts: Readonly<Record<string, { most: number; answer(exchange: Exchange, text: string): void }>>;
  /** What is asked for begins with that, and is handed the rest. */
  readonly gets: Readonly<Record<string, (exchange: Exchange, rest: string) => void>>;
}

export const floorHttp = ({ posts, gets }: Routes): Server => {
  let port = 0;
  const server = createServer((request, response) => {
    const { headers, url = '', method } = request;
    const given = headers['x-forgerock-transactionid'];
    const transactionId = typeof given === 'string' && TRANSACTION_ID.test(given) ? given : randomUUID();
    const exchange = { request, response, transactionId, now: Date.now(), port };
    // Only its own host, only pages of its own origin, only JSON (SEC-08, SEC-65, security-reliability §6 "CSRF").
    const isOwn = headers.host === `localhost:${port}` && headers.origin === undefined && headers.cookie === undefined;
    if (isOwn && method === 'GET') {
      for (const [start, answer] of Object.entries(gets)) {
        if (!url.startsWith(start)) continue;
        answer(exchange, url.slice(start.length));
        return;
      }
    }
    const post = isOwn && method === 'POST' && headers['sec-fetch-site'] === undefined ? posts[url] : undefined;
    const isFine =
      JSON_TYPE.test(headers['content-type'] ?? '') && Number(headers['content-length']) <= (post?.most ?? 0);
    if (post === undefined || !isFine) {
      refuse(exchange);
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      try {
        post.answer(exchange, textOf(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
      } catch {
        refuse(exchange);
      }
    });
  });
  server.keepAliveTimeout = 65_000;
  server.on('listening', () => {
    const address = server.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
  });
  return server;
};
