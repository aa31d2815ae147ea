import type { FastifyReply } from 'fastify';
import type { Answer } from './call.ts';
import { JSON_HEADERS } from './security-headers.ts';

/** What every JSON answer says of itself, as Node writes it fastest: names and values in turn. */
const FIXED: readonly string[] = Object.entries({
  'content-type': 'application/json; charset=utf-8',
  ...JSON_HEADERS,
}).flat();

/**
 * Writes an answer straight to the connection: the framework's own way copies and checks the fixed headers of every
 * answer again, which is a fifth of what a whole step costs.
 */
export const writeJson = (
  reply: FastifyReply,
  { status, body, headers }: Answer,
  cors: Readonly<Record<string, string>>,
  transactionId: string,
): void => {
  const text = JSON.stringify(body);
  const lines: (string | readonly string[])[] = [...FIXED, 'x-transaction-id', transactionId];
  for (const name in cors) lines.push(name, cors[name] ?? '');
  for (const name in headers) lines.push(name, headers[name] ?? '');
  lines.push('content-length', String(Buffer.byteLength(text)));
  reply.hijack();
  reply.raw.writeHead(status, lines as string[]);
  reply.raw.end(text);
};
