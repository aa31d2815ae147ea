import { unchecked } from '../checks/checked-request.ts';
import { runChecks } from '../checks/run-checks.ts';
import { json, type OAuthAnswer } from '../protocol/answer.ts';
import { OAuthError } from '../protocol/errors.ts';
import type { OAuthRequest, Parameters } from '../protocol/request.ts';
import { asProvenClient } from '../token/client-proof.ts';
import { type DpopProof, dpopProof } from '../token/dpop-proof.ts';
import { ownerOfClient } from '../token/seen-once.ts';
import type { AuthorizeContext } from './authorize.ts';
import { park } from './park.ts';

/** What proves the client is no part of its request. */
const withoutProof = ({
  client_secret: _secret,
  client_assertion: _assertion,
  client_assertion_type: _type,
  ...request
}: Parameters): Parameters => request;

/** A proof that comes with a request that is pushed says what its `dpop_jkt` would, and must not say anything else (RFC 9449 §10.1). */
const boundTo = ({ jkt }: DpopProof, { parameters: { dpop_jkt: asked = jkt } }: OAuthRequest): Parameters => {
  if (asked !== jkt) {
    throw new OAuthError('invalid_dpop_proof', { description: 'The DPoP proof is not by the key of the dpop_jkt.' });
  }
  return { dpop_jkt: jkt };
};

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
      const key = await dpopProof(http, ports.clock.now());
      if (key !== undefined) proof.addKey(...key.changesFor(source ?? ownerOfClient(client)));
      const parameters = { ...withoutProof(http.parameters), client_id: client.id, ...(key && boundTo(key, http)) };
      await runChecks('par', unchecked(client, parameters), { ...context, provider });
      const uri = await park(client, parameters, {
        ports: { ...ports, committer: proof },
        lifetime: provider.parLifetime,
        ...(source !== undefined && { source }),
      });
      return json({ request_uri: uri, expires_in: Math.floor(provider.parLifetime / 1_000) }, 201);
    });
