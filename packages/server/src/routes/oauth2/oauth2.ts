import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Answer, type Call, ok, type Routes, type ServedRequest } from '../../http/call.ts';
import type { OriginRules } from '../../http/origin-rules.ts';
import { FORM, parseFormBody } from '../../http/parameters.ts';
import { RouteTable } from '../../http/route-table.ts';
import { JSON_HEADERS } from '../../http/security-headers.ts';
import type { OAuthPages } from '../../pages/oauth-pages.ts';
import { issuerOf } from '../../realms/issuer.ts';
import type { LiveConfiguration } from '../../realms/live-configuration.ts';
import { OAUTH2_RESOURCES, parseOAuth2Path, realmOfQuery } from '../../realms/realm-path.ts';
import { discoveryDocument } from './oauth2-discovery.ts';

export interface OAuth2RoutesOptions {
  readonly publicUrl: string;
  readonly contextPath: string;
  readonly configuration: Pick<LiveConfiguration, 'realm' | 'realmPathOf'>;
  readonly origins: OriginRules;
  /** Absent where the pages are not built: what would be a page is answered as JSON then. */
  readonly pages?: OAuthPages;
}

/** The body of every refusal under `{am}/oauth2` (RFC 6749 §5.2), which is not the one of `{am}/json`. */
const refusal = (status: number, error: string, description: string, headers?: Answer['headers']): Answer => ({
  status,
  body: { error, error_description: description },
  ...(headers && { headers }),
});

const NO_PROVIDER = 'This server has no OpenID Connect provider yet, so it issues no tokens.';
const USE_SESSION = `${NO_PROVIDER} Use the session that a journey ends in.`;

/**
 * `{am}/oauth2`: discovery, which clients of journeys start from, and the endpoints that it names. Until there is a provider
 * they refuse with the error that their own standard has for what is missing.
 */
const oauth2Routes = (publicUrl: string): Routes => {
  // RFC 6749 §4.1.2.1: without a registered client there is no address that an error could be sent on to.
  const authorize = async () => refusal(400, 'unsupported_response_type', USE_SESSION);
  // RFC 6750 §3.1.
  const userinfo = async () =>
    refusal(401, 'invalid_token', USE_SESSION, { 'www-authenticate': 'Bearer error="invalid_token"' });
  const endSession = async ({ realmPath }: Call) => {
    const logout = `${issuerOf(publicUrl, realmPath).replace('/oauth2/', '/json/')}/sessions?_action=logout`;
    return refusal(400, 'invalid_request', `${NO_PROVIDER} End the session with POST ${logout}.`);
  };
  return {
    'GET .well-known/openid-configuration': async ({ realmPath }) => ok(discoveryDocument(publicUrl, realmPath)),
    'GET connect/jwk_uri': async () => ok({ keys: [] }),
    'GET authorize': authorize,
    'POST authorize': authorize,
    'POST access_token': async () => refusal(400, 'unsupported_grant_type', USE_SESSION),
    'GET userinfo': userinfo,
    'POST userinfo': userinfo,
    'GET connect/endSession': endSession,
    'POST connect/endSession': endSession,
    // RFC 7009 §2.2.1.
    'POST token/revoke': async () => refusal(400, 'unsupported_token_type', USE_SESSION),
  };
};

/** Serves `{am}/oauth2` beside `{am}/json`: the same realm paths and the same origins, other bodies. */
export const addOAuth2Routes = (app: FastifyInstance, options: OAuth2RoutesOptions): RouteTable => {
  const { publicUrl, contextPath, configuration, origins } = options;
  const prefix = `${contextPath}/oauth2/`;
  const routes = new RouteTable(OAUTH2_RESOURCES, oauth2Routes(publicUrl));

  const answerTo = async (request: FastifyRequest, reply: FastifyReply): Promise<Answer | undefined> => {
    const [address = ''] = request.url.split('?', 1);
    const path = parseOAuth2Path(address.slice(prefix.length).replace(/\/$/, ''));
    if (path === undefined) return refusal(404, 'invalid_request', 'There is nothing at this address.');
    const query = request.parameters;
    const realmPath = configuration.realmPathOf(realmOfQuery(query.realm) ?? path.realm);
    const realm = configuration.realm(realmPath);
    if (request.method === 'OPTIONS') {
      return { status: 204, body: undefined, headers: origins.preflightHeaders(request.headers, realm) };
    }
    reply.headers(origins.corsHeaders(request.headers, realm));
    if (realm === undefined) return refusal(404, 'invalid_request', 'There is no such realm.');
    const match = routes.find(request.method, path.resource);
    if ('handler' in match) {
      const { transactionId, body } = request;
      const isFromListedOrigin = origins.isListed(request.headers, realm);
      const { names } = match;
      return match.handler({
        request: request.raw as ServedRequest,
        response: reply.raw,
        clientAddress: request.ip,
        isFromTrustedProxy: false,
        realmPath,
        realm,
        names,
        query,
        body,
        transactionId,
        isFromListedOrigin,
      });
    }
    if (match.allowed.length === 0) return refusal(404, 'invalid_request', 'There is nothing at this address.');
    const allow = match.allowed.join(', ');
    return refusal(405, 'invalid_request', `This address answers to ${allow} only.`, { allow });
  };

  const send = (request: FastifyRequest, reply: FastifyReply, { status, body, headers }: Answer): FastifyReply => {
    reply.code(status).headers({ ...JSON_HEADERS, 'x-transaction-id': request.transactionId, ...headers });
    return body === undefined ? reply.send() : reply.type('application/json; charset=utf-8').send(body);
  };

  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // No endpoint reads what is sent, as long as each of them can only refuse; what no form may say is refused as such.
    scope.addContentTypeParser(FORM, { parseAs: 'buffer' }, (_request, bytes, done) => {
      try {
        done(null, parseFormBody(bytes as Buffer));
      } catch (error) {
        done(error as Error);
      }
    });
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _bytes, done) => done(null, undefined));
    scope.setErrorHandler<FastifyError>((error, request, reply) => {
      // RFC 6749 §3.1: no parameter may be there twice.
      if (error instanceof SyntaxError) return send(request, reply, refusal(400, 'invalid_request', error.message));
      const { statusCode = 500 } = error;
      if (statusCode >= 500) throw error;
      return send(request, reply, refusal(statusCode, 'invalid_request', 'The request cannot be read.'));
    });
    scope.route({
      method: ['GET', 'POST', 'OPTIONS'],
      url: `${prefix}*`,
      handler: async (request, reply) => {
        const answer = await answerTo(request, reply);
        return answer === undefined ? reply : send(request, reply, answer);
      },
    });
  });
  return routes;
};
