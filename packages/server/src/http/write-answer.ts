import type { ServerResponse } from 'node:http';
import { JourneyError } from '@assent/engine';
import { JsonText } from '@assent/wire';
import { isBounded, isShared } from '../bounds/bounded-response.ts';
import { LARGE_ANSWER, MAX_ANSWER_BYTES } from '../bounds/unsent-answers.ts';
import type { Answer } from './call.ts';
import { AnswerTooLarge } from './error-answer.ts';
import { type HttpAnswer, JSON_TYPE } from './http-call.ts';
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

/** Statuses of answers that have no body, and no length of one. */
const BODILESS: ReadonlySet<number> = new Set([204, 304]);

/** Writes an answer with the headers that every JSON answer has. */
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
  if (body !== undefined) lines.push('content-type', JSON_TYPE);
  writeBody(response, status, lines as string[], body === undefined ? undefined : textOf(body));
};

/** Writes the answer of a page, a file or the provider. */
export const writeAnswer = (response: ServerResponse, { status, headers, body }: HttpAnswer): void =>
  writeBody(response, status, Object.entries(headers).flat(1) as string[], body);

/** Node sends head and body as one piece where the body is a text of known length. */
const writeBody = (
  response: ServerResponse,
  status: number,
  lines: string[],
  body: string | Buffer | undefined,
): void => {
  if (body === undefined) {
    if (!BODILESS.has(status)) lines.push('content-length', '0');
    response.writeHead(status, lines);
    response.end();
    return;
  }
  const length = Buffer.byteLength(body);
  if (length >= LARGE_ANSWER && !isShared(body)) demandRoom(response, length);
  lines.push('content-length', String(length));
  response.writeHead(status, lines);
  if (Buffer.isBuffer(body)) {
    response.end(body);
    return;
  }
  // A text in ASCII is the same bytes either way, and copied faster than encoded.
  const encoding = length === body.length ? 'latin1' : 'utf8';
  // A large text waits as bytes: as a text it would be in memory twice.
  if (length >= LARGE_ANSWER) response.end(Buffer.from(body, encoding));
  else response.end(body, encoding);
};

/** A body as JSON. */
export const textOf = (body: unknown): string => (body instanceof JsonText ? body.text : JSON.stringify(body));
