import type { RealmSettings } from '@assent/engine';
import { SESSION_HEADERS } from '@assent/engine/host';
import { OAuthError, type OAuthRequest } from '@assent/oidc';
import { bodyBytes } from '../../http/body-bytes.ts';
import { header } from '../../http/call.ts';
import type { HttpCall } from '../../http/http-call.ts';
import { type Fields, isForm, parseFormBody, queryOf } from '../../http/parameters.ts';

const MAX_QUERY_LENGTH = 8_192;

/** Programs say what they take, or nothing; a browser that follows a link or sends a form wants a page. */
const wantsPage = (call: HttpCall): boolean => /\btext\/html\b/.test(header(call, 'accept') ?? '');

/** A parameter without a value is one that was not sent (RFC 6749 §3.1, §3.2). */
const withValues = (fields: OAuthRequest['parameters']): OAuthRequest['parameters'] =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));

/** What an endpoint is asked: by the query of a GET and the form of a POST, and by nothing else. */
export const oauthRequest = (
  call: HttpCall,
  realm: RealmSettings,
  form: Fields,
  { publicUrl, contextPath }: { readonly publicUrl: string; readonly contextPath: string },
): OAuthRequest => {
  const [path = ''] = call.url.split('?', 1);
  const query = queryOf(call.url);
  if (query.length > MAX_QUERY_LENGTH) {
    throw new OAuthError('invalid_request', {
      description: `The query is longer than ${MAX_QUERY_LENGTH} characters; push the request to /par instead.`,
    });
  }
  demandDecodable(query);
  const isPost = call.request.method === 'POST';
  return {
    method: isPost ? 'POST' : 'GET',
    realm,
    parameters: withValues(isPost ? form : call.parameters),
    header: (name) => header(call, name),
    address: `${publicUrl}${path.slice(contextPath.length)}`,
    query,
    isNavigation: wantsPage(call),
    clientAddress: call.clientAddress,
    transactionId: call.transactionId,
    hasSessionHeader: SESSION_HEADERS.some((name) => header(call, name) !== undefined),
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

const parseStrictForm = (bytes: Uint8Array): Fields => {
  const form = parseFormBody(bytes);
  demandDecodable(Buffer.from(bytes).toString());
  return form;
};

const MAX_FORM_BYTES = 16_384;

/** The form that a POST brings; empty for one without a body. */
export const formOf = async ({ request, headers }: HttpCall): Promise<Fields> => {
  if (request.method !== 'POST') return {};
  const bytes = await bodyBytes(request, MAX_FORM_BYTES);
  if (bytes.length === 0) return {};
  if (isForm(headers)) return parseStrictForm(bytes);
  throw new OAuthError('invalid_request', {
    description: 'The body must be a form, application/x-www-form-urlencoded.',
  });
};
