import { gzipSync } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { header } from '../http/call.ts';

/** A page that was rendered for one visit. */
export interface PageAnswer {
  readonly html: string;
  /** What this page may do; `sendPage` adds what holds for every page. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

/** The headers of every page that is rendered for one visit, beside those that say what it may do. */
export const RENDERED_HEADERS = { vary: 'Accept-Encoding', 'content-type': 'text/html; charset=utf-8' } as const;

/** Sends a page, compressed for whoever can read that. */
export const sendPage = (
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  { html, headers }: PageAnswer,
): FastifyReply => {
  reply.code(status).headers({ ...RENDERED_HEADERS, ...headers });
  if (!/\bgzip\b/.test(header(request, 'accept-encoding') ?? '')) return reply.send(html);
  return reply.header('content-encoding', 'gzip').send(gzipSync(html));
};
