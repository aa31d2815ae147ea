import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** Why a body is not read, as the status of the answer. */
export class BodyRefused extends Error {
  readonly statusCode: 413 | 415;
  /** How large it may be. */
  readonly limit: number | undefined;

  constructor(statusCode: 413 | 415, limit?: number) {
    super(statusCode === 413 ? 'The body is too large.' : 'The body is of another media type.');
    this.statusCode = statusCode;
    this.limit = limit;
  }
}

export const hasBody = (headers: IncomingHttpHeaders): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/**
 * Reads up to `limit` bytes of a body, none where there is no body. One of both is called, once: `onError` with a {@link BodyRefused} where there are
 * more, or with the error of the connection. Without promises: this is done for every step of every journey.
 */
export const readBodyBytes = (
  request: IncomingMessage,
  limit: number,
  onBytes: (bytes: Buffer) => void,
  onError: (error: unknown) => void,
): void => {
  const { headers } = request;
  if (!hasBody(headers)) onBytes(NO_BYTES);
  else if (Number(headers['content-length'] ?? 0) > limit) onError(new BodyRefused(413, limit));
  // It has waited for its turn, and the client has gone meanwhile: no event would say so again.
  else if (request.destroyed) onError(new Error('The connection was closed before the body was read.'));
  else collect(request, limit, onBytes, onError);
};

const collect: typeof readBodyBytes = (request, limit, onBytes, onError) => {
  const chunks: Buffer[] = [];
  let length = 0;
  let isOver = false;
  const fail = (error: unknown) => {
    if (isOver) return;
    isOver = true;
    onError(error);
  };
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= limit) chunks.push(chunk);
    // What comes after is not kept; the connection ends with the answer.
    else fail(new BodyRefused(413, limit));
  });
  request.on('end', () => {
    if (isOver) return;
    isOver = true;
    onBytes(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
  });
  request.on('error', fail);
};

/** Reads a body as {@link readBodyBytes} does. */
export const bodyBytes = (request: IncomingMessage, limit: number): Promise<Buffer> =>
  new Promise((resolve, reject) => readBodyBytes(request, limit, resolve, reject));

const NO_BYTES = Buffer.alloc(0);
