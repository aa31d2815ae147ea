import type { OAuthClient } from '../model/clients.ts';
import { OAuthError } from '../protocol/errors.ts';
import type { OAuthRequest } from '../protocol/request.ts';
import type { ProviderPorts } from '../provider-ports.ts';

/** It is told to a person: the 401 of RFC 6749 §5.2 is for who could prove more. */
const refused = (detail: string): OAuthError =>
  new OAuthError('invalid_client', {
    description: 'The client_id is that of no client of this realm, or of one that is out of use.',
    detail,
    status: 400,
  });

/** `client_id`: a client of this realm that is in use. Nothing of a request is believed before that (OIDC-02, OIDC-13). */
export const knownClient = (
  { clients }: Pick<ProviderPorts, 'clients'>,
  { realm, parameters }: Pick<OAuthRequest, 'realm' | 'parameters'>,
): OAuthClient => {
  const { client_id: id } = parameters;
  if (id === undefined) {
    throw new OAuthError('invalid_request', { description: 'The request must have a client_id.' });
  }
  const client = clients.find(realm.realm, id);
  if (client === undefined) throw refused('unknown');
  if (!client.isActive) throw refused('inactive');
  return client;
};
