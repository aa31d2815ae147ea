import { createHash } from 'node:crypto';
import type { OAuthChange } from '../model/changes.ts';
import type { OAuthGrant } from '../model/grants.ts';
import { type ApprovedBy, isApproved, type PendingApproval } from '../model/pending-approvals.ts';
import type { OAuthAnswer } from '../protocol/answer.ts';
import { OAuthError } from '../protocol/errors.ts';
import { endOfGrant, tokenAnswer } from './issued-tokens.ts';
import type { TokenContext } from './token-context.ts';
import {
  invalidGrant,
  refusedCommit,
  stillUsable,
  type TokenGrant,
  type TokenRequest,
  tokenAudit,
  userOf,
} from './token-request.ts';

export const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';

/** By what a device's row is found; the code itself is kept nowhere. */
export const deviceCodeHash = (code: string): string => createHash('sha256').update(code).digest('base64url');

const GRANT_ID_BYTES = 16;
/** What each question that comes too soon adds, for good (RFC 8628 §3.5). */
const SLOWER_SECONDS = 5;
const MAX_INTERVAL_SECONDS = 60;
const MAX_CODE_LENGTH = 256;

/** A device asks whether somebody has agreed; by the server's clock, and one question at a time (OIDC-24). */
export const deviceCode: TokenGrant = async (context, request) => {
  const { ports } = context;
  const { client, http } = request;
  const { device_code: code } = http.parameters;
  if (code === undefined) {
    throw new OAuthError('invalid_request', { description: 'The request must have a device_code.' });
  }
  const idHash = deviceCodeHash(code.slice(0, MAX_CODE_LENGTH));
  const row = await ports.pendingApprovals.get(idHash);
  if (row === undefined || row.realm !== client.realm || row.clientId !== client.id) {
    throw invalidGrant('the device code is over, or of another client');
  }
  const now = ports.clock.now();
  if (now >= row.expiresAt) throw new OAuthError('expired_token');
  await countQuestion(request, row, now);
  if (row.status === 'denied') throw new OAuthError('access_denied');
  if (!isApproved(row, now) || row.approved === undefined) throw new OAuthError('authorization_pending');
  return issue(context, request, row, row.approved, now);
};

/** Of two that come at once, one has asked too soon. */
const countQuestion = async (
  request: TokenRequest,
  { idHash, nextPollAt, interval }: PendingApproval,
  now: number,
): Promise<void> => {
  const isTooSoon = now < nextPollAt;
  const next = isTooSoon ? Math.min(interval + SLOWER_SECONDS, MAX_INTERVAL_SECONDS) : interval;
  const result = await request.proof.commit([
    {
      type: 'pendingApproval.poll',
      idHash,
      seenNextPollAt: nextPollAt,
      nextPollAt: now + next * 1_000,
      interval: next,
    } satisfies OAuthChange,
  ]);
  if (!result.committed && result.refused !== 'pendingApproval.poll') throw refusedCommit(result.refused);
  if (isTooSoon || !result.committed) throw new OAuthError('slow_down');
};

const issue = async (
  context: TokenContext,
  request: TokenRequest,
  { idHash }: PendingApproval,
  approved: ApprovedBy,
  at: number,
): Promise<OAuthAnswer> => {
  const { ports } = context;
  const { client, settings, grantType } = request;
  // The user agreed to a client that is not there any more, or to less strict a sign-in.
  if (approved.clientGeneration !== client.grantGeneration) {
    throw new OAuthError('access_denied', { detail: 'another generation of the client' });
  }
  const grant: OAuthGrant = {
    id: Buffer.from(ports.random.bytes(GRANT_ID_BYTES)).toString('base64url'),
    realm: client.realm,
    clientId: client.id,
    ...approved,
    status: 'active',
    refreshNo: 1,
    rotatedAt: at,
    accessNo: 1,
    dropped: [],
    createdAt: at,
    expiresAt: endOfGrant(client, at, at),
    ...(request.jkt !== undefined && { jkt: request.jkt }),
    ...(client.backchannelLogoutUri !== undefined && { wantsLogoutNotice: true }),
  };
  const identity = await userOf(ports, client, grant);
  if (identity === undefined) throw new OAuthError('access_denied', { detail: 'the user has other credentials' });
  const answer = await tokenAnswer(context, { settings, client, identity, grant, grantType, at });
  const result = await request.proof.commit([
    stillUsable(grant),
    { type: 'pendingApproval.take', idHash, now: at } satisfies OAuthChange,
    { type: 'grant.open', row: grant } satisfies OAuthChange,
    tokenAudit(request, at, 'TOKEN_ISSUE', { userId: grant.userId, detail: { scope: grant.scopes.join(' ') } }),
  ]);
  if (!result.committed) throw refusedCommit(result.refused);
  return answer;
};
