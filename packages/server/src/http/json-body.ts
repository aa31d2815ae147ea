import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { LARGEST_BODY } from './error-answer.ts';
import { decodeStrictUtf8, parseStrictJson } from './strict-json.ts';

/** A script of 64 KiB grows by a third in base64; what else stands in the body is small. */
const LARGEST_SCRIPT_BODY = 96 * 1024;
const isForScripts = (path: string): boolean => /\/scripts(\/[^/]*)?\/?$/.test(path);
/** A tree of some hundred nodes has more members than any other body may (SEC-65 limits those of nodes). */
const isForTrees = (path: string): boolean => /\/authenticationtrees\/trees(\/[^/]*)?\/?$/.test(path);
const MOST_TREE_MEMBERS = 5_000;
const JSON_MEDIA_TYPE = /^application\/json(\s*;\s*charset="?utf-8"?)?\s*$/i;

/** Why a body is not read, as the status of the answer. */
class BodyRefused extends Error {
  readonly statusCode: 413 | 415;

  constructor(statusCode: 413 | 415) {
    super(statusCode === 413 ? 'The body is too large.' : 'The body is of another media type.');
    this.statusCode = statusCode;
  }
}

const hasBody = (headers: IncomingHttpHeaders): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

const collect = (request: IncomingMessage, most: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= most) chunks.push(chunk);
      // What comes after is not kept; the connection ends with the answer.
      else reject(new BodyRefused(413));
    });
    request.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    request.on('error', reject);
  });

/**
 * Refuses a body of another media type even where it is empty: a form of another site could send it (security-reliability
 * §6 "CSRF").
 */
export const demandJson = (headers: IncomingHttpHeaders): void => {
  const type = headers['content-type'];
  if (type === undefined ? hasBody(headers) : !JSON_MEDIA_TYPE.test(type)) throw new BodyRefused(415);
};

/**
 * The JSON value of a request; undefined where none was sent.
 *
 * @throws SyntaxError for what is no strict JSON, and an error with a `statusCode` for what is too large
 */
export const readJsonBody = async (request: IncomingMessage, path: string): Promise<unknown> => {
  const { headers } = request;
  if (!hasBody(headers)) return undefined;
  const isTree = isForTrees(path);
  const most = isTree || isForScripts(path) ? LARGEST_SCRIPT_BODY : LARGEST_BODY;
  if (Number(headers['content-length'] ?? 0) > most) throw new BodyRefused(413);
  const bytes = await collect(request, most);
  return bytes.length === 0
    ? undefined
    : parseStrictJson(decodeStrictUtf8(bytes), isTree ? MOST_TREE_MEMBERS : undefined);
};
