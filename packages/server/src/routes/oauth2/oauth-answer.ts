import type { OAuthAnswer, OAuthPage } from '@assent/oidc';
import type { Cookies } from '../../http/cookies.ts';
import { type HttpAnswer, JSON_TYPE } from '../../http/http-call.ts';
import { CACHING, JSON_HEADERS } from '../../http/security-headers.ts';

export interface AnswerOptions {
  /** What every answer to this request has. */
  readonly headers: HttpAnswer['headers'];
  readonly cookies: Cookies;
  /** A page, in the language of the caller. */
  readonly pageOf: (status: number, page: OAuthPage) => HttpAnswer;
}

/**
 * A redirect may be on its way from a popup, which any `Cross-Origin-Opener-Policy` on that way cuts off from the page that
 * opened it (spec: oidc §1.6).
 */
const { 'cross-origin-opener-policy': _policy, ...REDIRECT_HEADERS } = JSON_HEADERS;

/** Of a document that says itself how long it may be kept. */
const DOCUMENT_HEADERS = Object.fromEntries(Object.entries(JSON_HEADERS).filter(([name]) => !CACHING.has(name)));

/** The answer of the provider over HTTP. A redirect is 302 with no body at all: official clients take nothing else. */
export const httpAnswerOf = (answer: OAuthAnswer, { headers, cookies, pageOf }: AnswerOptions): HttpAnswer => {
  const endsSession = 'endsSession' in answer && answer.endsSession === true;
  const common = { ...headers, ...(endsSession && { 'set-cookie': cookies.endSession() }) };
  switch (answer.kind) {
    case 'json': {
      const fixed = answer.headers?.['cache-control'] === undefined ? JSON_HEADERS : DOCUMENT_HEADERS;
      return {
        status: answer.status,
        headers: { ...common, ...fixed, 'content-type': JSON_TYPE, ...answer.headers },
        body: JSON.stringify(answer.body),
      };
    }
    case 'redirect':
      return { status: 302, headers: { ...common, ...REDIRECT_HEADERS, location: answer.location } };
    case 'empty':
      return { status: 204, headers: { ...common, ...JSON_HEADERS } };
    case 'page': {
      const page = pageOf(answer.status, answer.page);
      return { ...page, headers: { ...common, ...page.headers } };
    }
  }
};
