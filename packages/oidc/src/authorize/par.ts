import { unchecked } from '../checks/checked-request.ts';
import { runChecks } from '../checks/run-checks.ts';
import { json, type OAuthAnswer } from '../protocol/answer.ts';
import type { OAuthRequest, Parameters } from '../protocol/request.ts';
import { asProvenClient } from '../token/client-proof.ts';
import type { AuthorizeContext } from './authorize.ts';
import { park } from './park.ts';

/** What proves the client is no part of its request. */
const withoutProof = ({
  client_secret: _secret,
  client_assertion: _assertion,
  client_assertion_type: _type,
  ...request
}: Parameters): Parameters => request;

/**
 * The endpoint that takes a request before the browser is sent on its way (RFC 9126): checked as authorize would, under the client's
 * proof, and kept for a short while.
 */
export const parEndpoint =
  (context: AuthorizeContext) =>
  (http: OAuthRequest): Promise<OAuthAnswer> =>
    asProvenClient(context.ports, http, async ({ client, proof, source }) => {
      const { ports } = context;
      const provider = ports.settings(http.realm);
      const parameters = { ...withoutProof(http.parameters), client_id: client.id };
      await runChecks('par', unchecked(client, parameters), { ...context, provider });
      const uri = await park(client, parameters, {
        ports: { ...ports, committer: proof },
        lifetime: provider.parLifetime,
        ...(source !== undefined && { source }),
      });
      return json({ request_uri: uri, expires_in: Math.floor(provider.parLifetime / 1_000) }, 201);
    });
