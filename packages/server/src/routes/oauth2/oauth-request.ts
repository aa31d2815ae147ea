import type { RealmSettings } from '@assent/engine';
import { SESSION_HEADERS } from '@assent/engine/host';
import { OAuthError, type OAuthRequest } from '@assent/oidc';
import type { FastifyRequest } from 'fastify';
import { header } from '../../http/call.ts';
import { type Fields, parseFormBody, queryOf } from '../../http/parameters.ts';

const MAX_QUERY_LENGTH = 8_192;

/** Programs say what they take, or nothing; a browser that follows a link or sends a form wants a page. */
const wantsPage = (request: FastifyRequest): boolean => /\btext\/html\b/.test(header(request, 'accept') ?? '');

/** A parameter without a value is one that was not sent (RFC 6749 §3.1, §3.2). */
const withValues = (fields: OAuthRequest['parameters']): OAuthRequest['parameters'] =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));

/** What an endpoint is asked: by the query of a GET and the form of a POST, and by nothing else. */
export const oauthRequest = (
  request: FastifyRequest,
  realm: RealmSettings,
  form: Fields,
  { publicUrl, contextPath }: { readonly publicUrl: string; readonly contextPath: string },
): OAuthRequest => {
  const [path = ''] = request.url.split('?', 1);
  const query = queryOf(request.url);
  if (query.length > MAX_QUERY_LENGTH) {
    throw new OAuthError('invalid_request', {
      description: `The query is longer than ${MAX_QUERY_LENGTH} characters; push the request to /par instead.`,
    });
  }
  demandDecodable(query);
  const isForm = request.method === 'POST';
  return {
    method: isForm ? 'POST' : 'GET',
    realm,
    parameters: withValues(isForm ? form : request.parameters),
    header: (name) => header(request, name),
    address: `${publicUrl}${path.slice(contextPath.length)}`,
    query,
    isNavigation: wantsPage(request),
    clientAddress: request.ip,
    transactionId: request.transactionId,
    hasSessionHeader: SESSION_HEADERS.some((name) => header(request, name) !== undefined),
  };
};

/**
 * A value goes back as it came, and a MAC stands for what was sent (OIDC-08): what is no text in UTF-8 would be another by then, so it is
 * refused.
 */
const demandDecodable = (encoded: string): void => {
  try {
    if (encoded.includes('%')) decodeURIComponent(encoded);
  } catch (cause) {
    const description = 'A parameter is badly encoded; it must be UTF-8 with percent signs before its bytes.';
    throw new OAuthError('invalid_request', { description, cause });
  }
};

export const parseStrictForm = (bytes: Uint8Array): Fields => {
  const form = parseFormBody(bytes);
  demandDecodable(Buffer.from(bytes).toString());
  return form;
};

/** The form that a POST brings; empty for one without a body. */
export const formOf = ({ body }: FastifyRequest): Fields => {
  if (body === undefined || body === null) return {};
  if (body !== NOT_A_FORM) return body as Fields;
  throw new OAuthError('invalid_request', {
    description: 'The body must be a form, application/x-www-form-urlencoded.',
  });
};

/** Stands for a body of any other type: it is the endpoint that says so, in the shape of its protocol. */
export const NOT_A_FORM = Symbol('not a form');
