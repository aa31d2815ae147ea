import { auditChange, type Change } from '@assent/engine/host';
import type { OAuthChange } from '../model/changes.ts';
import type { OAuthClient } from '../model/clients.ts';
import { isGoodAccessNo, isGrantedTo } from '../model/grants.ts';
import type { ProviderSettings } from '../model/provider.ts';
import { type Endpoint, json } from '../protocol/answer.ts';
import { OAuthError } from '../protocol/errors.ts';
import type { OAuthRequest } from '../protocol/request.ts';
import { asProvenClient } from '../token/client-proof.ts';
import { clientTokenHash, openAccess } from '../token/live-access.ts';
import { digestOf, seenOnce } from '../token/seen-once.ts';
import type { TokenContext } from '../token/token-context.ts';

/** What a token's end changes, and whose it was. */
interface Revocation {
  readonly changes: readonly OAuthChange[];
  readonly kind: 'access' | 'refresh';
  readonly userId?: string;
}

/**
 * A client gives a token back (RFC 7009). An access token ends alone: official clients revoke the old one after they have got new
 * ones, which must live on. A refresh token ends all that it belongs to. What is unknown, over or another's is answered alike.
 */
export const revokeEndpoint =
  (context: TokenContext): Endpoint =>
  (http) =>
    asProvenClient(context.ports, http, async ({ client, proof }) => {
      const { ports } = context;
      const { token } = http.parameters;
      if (token === undefined) {
        throw new OAuthError('invalid_request', { description: 'The request must have a token.' });
      }
      const revocation = await revocationOf(context, ports.settings(http.realm), client, token);
      if (revocation === undefined) return json({});
      const result = await proof.commit([...revocation.changes, auditOf(context, http, client, revocation)]);
      if (!result.committed && result.refused === 'replay.room') {
        throw new OAuthError('temporarily_unavailable', { detail: 'too many revoked tokens of the client are kept' });
      }
      return json({});
    });

const revocationOf = async (
  context: TokenContext,
  settings: ProviderSettings,
  client: OAuthClient,
  token: string,
): Promise<Revocation | undefined> => {
  const { ports, handles } = context;
  const refresh = handles.open(settings.realm, token, 'refresh');
  const access = refresh === undefined ? await openAccess(context, settings, token) : undefined;
  if (access?.kind === 'client') {
    const hash = clientTokenHash(access.id);
    const now = ports.clock.now();
    const expiresAt = (access.issuedAt + access.lifetime) * 1_000;
    const isOver = access.clientId !== client.id || now >= expiresAt || (await ports.replays.has(hash));
    const owner = digestOf('revoked', client.realm, client.id);
    return isOver ? undefined : { kind: 'access', changes: seenOnce(owner, { hash, expiresAt, now }) };
  }
  const grantId = refresh?.grantId ?? access?.grantId;
  const grant = grantId === undefined ? undefined : await ports.grants.get(grantId);
  if (grant === undefined || !isGrantedTo(client, grant)) return undefined;
  const { id, userId } = grant;
  if (access === undefined) return { kind: 'refresh', userId, changes: [{ type: 'grant.end', id }] };
  // What is over is not ended again: whoever keeps an old token would write into the trail with it without end (OIDC-22).
  const now = ports.clock.now();
  const isOver = now >= (access.issuedAt + access.lifetime) * 1_000 || !isGoodAccessNo(grant, access.no);
  return isOver
    ? undefined
    : { kind: 'access', userId, changes: [{ type: 'grant.dropAccess', id, accessNo: access.no }] };
};

const auditOf = (
  { ports }: TokenContext,
  { transactionId }: OAuthRequest,
  { id, realm }: OAuthClient,
  { kind, userId }: Revocation,
): Change =>
  auditChange({ at: ports.clock.now(), realm, transactionId }, 'TOKEN_REVOKE', {
    ...(userId !== undefined && { userId }),
    outcome: 'success',
    detail: { client: id, token: kind },
  });
