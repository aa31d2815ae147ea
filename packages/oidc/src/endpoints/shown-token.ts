import { OAuthError } from '../protocol/errors.ts';
import type { OAuthRequest } from '../protocol/request.ts';
import type { ProviderPorts } from '../provider-ports.ts';
import { dpopProof } from '../token/dpop-proof.ts';
import type { LiveAccess } from '../token/live-access.ts';
import { ProofChanges } from '../token/proof-changes.ts';
import { digestOf } from '../token/seen-once.ts';

/** An access token, and whether it was shown as one that is bound to a key (RFC 9449 §7.1). */
export interface ShownToken {
  readonly token: string;
  readonly isBound: boolean;
}

/**
 * The access token of a request: in the header, or in the form, but in one of them alone (RFC 6750 §2); not in the address, where servers and
 * browsers would keep it, but for the one endpoint whose callers have always sent it there.
 */
export const shownToken = (
  { method, header, parameters }: OAuthRequest,
  { isTakenOfAddress = false }: { readonly isTakenOfAddress?: boolean } = {},
): ShownToken => {
  const { scheme, ofHeader } =
    /^(?<scheme>bearer|dpop) +(?<ofHeader>[\w.~+/=-]+) *$/i.exec(header('authorization') ?? '')?.groups ?? {};
  const ofParameters = method === 'POST' || isTakenOfAddress ? parameters.access_token : undefined;
  if (ofHeader !== undefined && ofParameters !== undefined) {
    throw new OAuthError('invalid_request', { description: 'The access token must be sent once.' });
  }
  const token = ofHeader ?? ofParameters;
  if (token === undefined) throw new OAuthError('invalid_token', { description: 'The request has no access token.' });
  return { token, isBound: scheme?.toLowerCase() === 'dpop' };
};

/** A token that is bound to a key is good for whoever proves the key, with this token and for this request; once (OIDC-29). */
export const demandKey = async (
  { clock, committer }: Pick<ProviderPorts, 'clock' | 'committer'>,
  http: OAuthRequest,
  { token, isBound }: ShownToken,
  access: LiveAccess,
): Promise<void> => {
  const { jkt, id: grantId = '' } = access.kind === 'user' ? access.grant : {};
  if (isBound !== (jkt !== undefined)) throw new OAuthError('invalid_token', { detail: 'shown by the wrong scheme' });
  if (jkt === undefined) return;
  const proof = await atResource(dpopProof(http, clock.now(), token));
  if (proof?.jkt !== jkt) throw new OAuthError('invalid_token', { detail: 'no proof, or of another key' });
  const shown = new ProofChanges(committer);
  shown.addKey(...proof.changesFor(digestOf('grant', grantId)));
  await atResource(shown.settle());
};

/** What is wrong with a proof is wrong with the token that it is shown for: 401, where a client that asks for tokens gets 400 (RFC 9449 §7.1). */
const atResource = async <T>(work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (cause) {
    if (!(cause instanceof OAuthError) || cause.code !== 'invalid_dpop_proof') throw cause;
    const { code, detail = '' } = cause;
    throw new OAuthError(code, { detail, status: 401, cause });
  }
};
