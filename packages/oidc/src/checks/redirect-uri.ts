import type { OAuthClient } from '../model/clients.ts';
import { OAuthError } from '../protocol/errors.ts';
import type { Check } from './checked-request.ts';

const LOOPBACK = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(?::\d{1,5})?(?=[/?]|$)/;

/** The same text without the port of a loopback address; undefined for any other, and for a port that there is none of (RFC 8252 §7.3). */
const withoutLoopbackPort = (uri: string): string | undefined =>
  LOOPBACK.test(uri) && URL.canParse(uri) ? uri.replace(LOOPBACK, 'http://$1') : undefined;

/** Whether an address is one that the client has registered for this, byte for byte but for a loopback port that may be any. */
export const isRegistered = (
  { anyLoopbackPort }: Pick<OAuthClient, 'anyLoopbackPort'>,
  registered: readonly string[],
  uri: string,
): boolean => {
  if (registered.includes(uri)) return true;
  const portless = anyLoopbackPort ? withoutLoopbackPort(uri) : undefined;
  return portless !== undefined && registered.some((it) => withoutLoopbackPort(it) === portless);
};

const MAX_TOLD = 200;

/** For the log, without the parts of an address that may hold a secret: query, fragment, and all before an `@` (OIDC-18). */
const tellableUri = (uri: string): string =>
  uri
    .replace(/[?#].*$/s, '')
    .replace(/^([^:]*:(?:\/\/)?)?.*@/s, '$1')
    .slice(0, MAX_TOLD);

/**
 * `redirect_uri`: one that the client has registered, byte for byte; nothing is parsed that could be read in two ways. Only the port of a
 * loopback address is free, where the client says so (OIDC-01; RFC 9700 §4.1.3). Until this rule has passed, nothing is sent on
 * to anywhere (OIDC-02).
 */
export const redirectUri: Check = ({ client, parameters }) => {
  const { redirect_uri: uri, response_type: type } = parameters;
  if (uri !== undefined) {
    if (!isRegistered(client, client.redirectUris, uri)) {
      throw new OAuthError('redirect_uri_mismatch', { detail: `not registered: ${tellableUri(uri)}` });
    }
    return { redirectUri: uri };
  }
  const [only, ...others] = client.redirectUris;
  // A session check needs no address: it answers to whoever asks.
  if (type === 'none') return {};
  if (only === undefined || others.length > 0) {
    if (parameters.request_uri !== undefined) throw new OAuthError('request_uri_not_supported');
    throw new OAuthError('redirect_uri_mismatch', { description: 'The request must have a redirect_uri.' });
  }
  return { redirectUri: only };
};
