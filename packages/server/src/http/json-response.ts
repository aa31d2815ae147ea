import type { ServerResponse } from 'node:http';
import { JourneyError } from '@assent/engine';
import { JsonText } from '@assent/wire';
import { isBounded } from '../bounds/bounded-response.ts';
import { LARGE_ANSWER, MAX_ANSWER_BYTES } from '../bounds/unsent-answers.ts';
import type { Answer } from './call.ts';
import { AnswerTooLarge } from './error-answer.ts';
import { CACHING, JSON_HEADERS } from './security-headers.ts';

/** Names and values in turn, as Node writes them fastest. */
const listed = (headers: Readonly<Record<string, string>>): readonly string[] => Object.entries(headers).flat();

/** What every JSON answer says of itself; one that says itself how long it may be kept says it instead of this. */
const FIXED = listed(JSON_HEADERS);
const FIXED_BUT_CACHING = listed(
  Object.fromEntries(Object.entries(JSON_HEADERS).filter(([name]) => !CACHING.has(name))),
);

/** Throws where a large answer is larger than one may be, or would wait for its reader where there is no room for it. */
const demandRoom = (response: ServerResponse, bytes: number): void => {
  if (bytes > MAX_ANSWER_BYTES) throw new AnswerTooLarge();
  if (isBounded(response) && !response.hasRoomFor(bytes))
    throw new JourneyError('OVERLOADED', { retryAfterSeconds: 2 });
};

/**
 * Writes an answer with the headers that every JSON answer has. Node sends head and body as one piece where the body is a
 * text of known length.
 */
export const writeJson = (
  response: ServerResponse,
  { status, body, headers }: Answer,
  cors: Readonly<Record<string, string>>,
  transactionId: string,
): void => {
  const saysCaching = headers !== undefined && 'cache-control' in headers;
  const lines: (string | readonly string[])[] = (saysCaching ? FIXED_BUT_CACHING : FIXED).slice();
  lines.push('x-transaction-id', transactionId);
  for (const name in cors) lines.push(name, cors[name] ?? '');
  for (const name in headers) lines.push(name, headers[name] ?? '');
  if (body === undefined) {
    response.writeHead(status, lines as string[]);
    response.end();
    return;
  }
  const text = textOf(body);
  const length = Buffer.byteLength(text);
  if (length >= LARGE_ANSWER) demandRoom(response, length);
  lines.push('content-type', 'application/json; charset=utf-8', 'content-length', String(length));
  response.writeHead(status, lines as string[]);
  // A text in ASCII is the same bytes either way, and copied faster than encoded.
  const encoding = length === text.length ? 'latin1' : 'utf8';
  // A large text waits as bytes: as a text it would be in memory twice.
  if (length >= LARGE_ANSWER) response.end(Buffer.from(text, encoding));
  else response.end(text, encoding);
};

/** A body as JSON. */
export const textOf = (body: unknown): string => (body instanceof JsonText ? body.text : JSON.stringify(body));
