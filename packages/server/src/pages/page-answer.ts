import { gzipSync } from 'node:zlib';
import { header } from '../http/call.ts';
import type { HttpAnswer, HttpCall } from '../http/http-call.ts';

/** A page that was rendered for one visit. */
export interface RenderedPage {
  readonly html: string;
  /** What this page may do; {@link pageAnswer} adds what holds for every page. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

/** The headers of every page that is rendered for one visit, besides those that say what it may do. */
export const RENDERED_HEADERS = { vary: 'Accept-Encoding', 'content-type': 'text/html; charset=utf-8' } as const;

/** A page, compressed for a browser that can read that. */
export const pageAnswer = (
  call: Pick<HttpCall, 'headers'>,
  status: number,
  { html, headers: own }: RenderedPage,
): HttpAnswer => {
  const headers = { ...RENDERED_HEADERS, ...own };
  if (!/\bgzip\b/.test(header(call, 'accept-encoding') ?? '')) return { status, headers, body: html };
  return { status, headers: { ...headers, 'content-encoding': 'gzip' }, body: gzipSync(html) };
};
