import type {
  ClientHttp2Session,
  ClientHttp2Stream,
  IncomingHttpHeaders,
  IncomingHttpStatusHeader,
  OutgoingHttpHeaders,
} from 'node:http2';

export interface ApnsAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface ApnsConnection {
  post(headers: OutgoingHttpHeaders, body: string, signal: AbortSignal): Promise<ApnsAnswer>;
}

/** Apple wants connections to be kept; one that nobody uses any more, as after a change of settings, ends by itself. */
const IDLE_MILLIS = 30 * 60_000;
/** Refusals have a line of JSON. */
const MAX_ANSWER_BYTES = 4_096;

/**
 * One connection for all messages of a realm, made with the first of them. Where Apple ends it (GOAWAY), what is under way ends there and what
 * comes next goes by a new one. One on which a request has had no answer is not trusted with another.
 */
export const apnsConnection = (connect: () => ClientHttp2Session): ApnsConnection => {
  let open: ClientHttp2Session | undefined;

  const leave = (session: ClientHttp2Session): void => {
    if (open === session) open = undefined;
  };

  const session = (): ClientHttp2Session => {
    if (open !== undefined && !open.closed && !open.destroyed) return open;
    const made = connect();
    open = made;
    // What has gone wrong, its streams tell.
    made.on('error', () => leave(made));
    made.on('goaway', () => leave(made));
    made.on('close', () => leave(made));
    made.setTimeout(IDLE_MILLIS, () => made.close());
    return made;
  };

  return {
    async post(headers, body, signal) {
      const used = session();
      try {
        return await answerOf(used.request({ ':method': 'POST', ...headers }, { signal }), body);
      } catch (error) {
        if (signal.aborted) {
          leave(used);
          used.destroy();
        }
        throw error;
      }
    },
  };
};

const answerOf = (stream: ClientHttp2Stream, body: string): Promise<ApnsAnswer> =>
  new Promise((done, fail) => {
    let headers: IncomingHttpHeaders & IncomingHttpStatusHeader = {};
    const chunks: Buffer[] = [];
    let length = 0;
    let hasEnded = false;
    stream.on('response', (received) => {
      headers = received;
    });
    stream.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > MAX_ANSWER_BYTES) stream.destroy(new Error('The answer is too long.'));
      else chunks.push(chunk);
    });
    stream.on('end', () => {
      hasEnded = true;
    });
    // A stream that never began says only that it was cancelled; why, is its cause.
    stream.on('error', (error) => fail(error.cause instanceof Error ? error.cause : error));
    stream.on('close', () => {
      const status = headers[':status'];
      // A stream that was refused by a connection that ends is neither an error nor an answer everywhere.
      if (hasEnded && status !== undefined) done({ status, headers, body: Buffer.concat(chunks) });
      else fail(Object.assign(new Error('The stream was closed without an answer.'), { code: 'STREAM_CLOSED' }));
    });
    stream.end(body);
  });
