import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { BodyRefused, hasBody, readBodyBytes } from './body-bytes.ts';
import { MAX_BODY_BYTES } from './error-answer.ts';
import { decodeStrictUtf8, MAX_MEMBERS, parseStrictJson } from './strict-json.ts';

/** How much of a body is read. */
export interface BodyLimits {
  readonly bytes: number;
  /** In all of its objects together. */
  readonly members: number;
}

const USUAL: BodyLimits = Object.freeze({ bytes: MAX_BODY_BYTES, members: MAX_MEMBERS });
/** A script of 64 KiB grows by a third in base64; what else stands in the body is small. */
const OF_SCRIPTS: BodyLimits = Object.freeze({ bytes: 96 * 1024, members: MAX_MEMBERS });
/** A tree of some hundred nodes has more members than any other body may (SEC-65 limits those of nodes). */
const OF_TREES: BodyLimits = Object.freeze({ bytes: 96 * 1024, members: 5_000 });

/** The phones' messages are small (design.md §3.3 "sizes"). */
const OF_MESSAGES: BodyLimits = Object.freeze({ bytes: 16 * 1024, members: MAX_MEMBERS });

/** The limits of a resource, whose segments are decoded: a path may be written in more than one way. */
export const bodyLimitsOf = (resource: readonly string[]): BodyLimits => {
  const path = resource.join('/');
  if (path === 'push/sns/message') return OF_MESSAGES;
  if (/\/authenticationtrees\/trees(\/[^/]*)?$/.test(path)) return OF_TREES;
  return /^scripts(\/[^/]*)?$/.test(path) ? OF_SCRIPTS : USUAL;
};

const JSON_MEDIA_TYPE = /^application\/json(\s*;\s*charset="?utf-8"?)?\s*$/i;

/**
 * Refuses a body of another media type even where it is empty: a form of another site could send it (security-reliability
 * §6 "CSRF").
 */
export const demandJson = (headers: IncomingHttpHeaders): void => {
  const type = headers['content-type'];
  if (type === undefined ? hasBody(headers) : !JSON_MEDIA_TYPE.test(type)) throw new BodyRefused(415);
};

/** What a body that was read ends in: one of both is called, once. */
export interface BodyReader {
  /** Runs what is next once the request may begin: until then its body is bytes, which take far less memory than what is parsed of them. */
  begin(next: () => void): void;
  /** The JSON value; undefined where none was sent. */
  onBody(body: unknown): void;
  /** SyntaxError for what is no strict JSON, an error with a `statusCode` for what is too large, or that of the connection. */
  onError(error: unknown): void;
}

/** Reads the body of a request as strict JSON. */
export const readJsonBody = (request: IncomingMessage, limits: BodyLimits, reader: BodyReader): void => {
  const parse = (bytes: Buffer): void => {
    let body: unknown;
    try {
      body = parseBody(bytes, limits);
    } catch (error) {
      reader.onError(error);
      return;
    }
    reader.onBody(body);
  };
  readBodyBytes(request, limits.bytes, (bytes) => reader.begin(() => parse(bytes)), reader.onError);
};

const parseBody = (bytes: Buffer, { members }: BodyLimits): unknown =>
  bytes.length === 0 ? undefined : parseStrictJson(decodeStrictUtf8(bytes), members);
