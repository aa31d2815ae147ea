import type { OAuthAnswer, OAuthPage } from '@assent/oidc';
import type { FastifyReply } from 'fastify';
import type { Cookies } from '../../http/cookies.ts';
import { CACHING, JSON_HEADERS } from '../../http/security-headers.ts';

export interface AnswerOptions {
  readonly transactionId: string;
  readonly cookies: Cookies;
  /** Sends a page, in the language of whoever asked. */
  readonly sendPage: (status: number, page: OAuthPage) => FastifyReply;
}

/**
 * A redirect may be on its way from a popup, which any `Cross-Origin-Opener-Policy` on that way cuts off from the page that
 * opened it (spec: oidc §1.6).
 */
const { 'cross-origin-opener-policy': _policy, ...REDIRECT_HEADERS } = JSON_HEADERS;

/** Of a document that says itself how long it may be kept. */
const DOCUMENT_HEADERS = Object.fromEntries(Object.entries(JSON_HEADERS).filter(([name]) => !CACHING.has(name)));

/** Writes an answer of the provider. A redirect is 302 with no body at all: official clients take nothing else. */
export const sendOAuthAnswer = (
  reply: FastifyReply,
  answer: OAuthAnswer,
  { transactionId, cookies, sendPage }: AnswerOptions,
): FastifyReply => {
  reply.header('x-transaction-id', transactionId);
  if ('endsSession' in answer && answer.endsSession === true) reply.header('set-cookie', cookies.endSession());
  switch (answer.kind) {
    case 'json':
      return reply
        .code(answer.status)
        .headers({
          ...(answer.headers?.['cache-control'] === undefined ? JSON_HEADERS : DOCUMENT_HEADERS),
          ...answer.headers,
        })
        .type('application/json; charset=utf-8')
        .send(JSON.stringify(answer.body));
    case 'redirect':
      return reply
        .code(302)
        .headers({ ...REDIRECT_HEADERS, location: answer.location })
        .send();
    case 'empty':
      return reply.code(204).headers(JSON_HEADERS).send();
    case 'page':
      return sendPage(answer.status, answer.page);
  }
};
