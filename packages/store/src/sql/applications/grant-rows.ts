import type { OAuthGrant } from '@assent/oidc';
import { readScopes } from './scopes-column.ts';

export type GrantRow = readonly [
  id: string,
  realm: string,
  clientId: string,
  userId: string,
  credentialRev: number,
  sid: string | null,
  scopes: string,
  claims: string | null,
  acr: string | null,
  amr: string,
  authTime: number,
  status: OAuthGrant['status'],
  code: string | null,
  redeemedAt: number | null,
  refreshNo: number,
  rotatedAt: number,
  accessNo: number,
  dropped: string,
  jkt: string | null,
  createdAt: number,
  expiresAt: number,
  wantsLogoutNotice: number,
];

/** The columns of {@link GrantRow}, in its order. */
export const GRANT_COLUMNS = `id, realm, client_id, user_id, credential_rev, sid, scopes, claims, acr, amr, auth_time, status, code,
  redeemed_at, refresh_no, rotated_at, access_no, dropped, jkt, created_at, expires_at, wants_logout_notice`;

export const grantOf = (row: GrantRow): OAuthGrant => {
  const [id, realm, clientId, userId, credentialRev, sid, scopes, claims, acr, amr, authTime, status, code, ...rest] =
    row;
  const [redeemedAt, refreshNo, rotatedAt, accessNo, dropped, jkt, createdAt, expiresAt, wantsLogoutNotice] = rest;
  return {
    id,
    realm,
    clientId,
    userId,
    credentialRev,
    ...(sid !== null && { sid }),
    ...readScopes(scopes),
    ...(claims !== null && { claims: JSON.parse(claims) }),
    ...(acr !== null && { acr }),
    amr: JSON.parse(amr),
    authTime,
    status,
    ...(code !== null && { code: JSON.parse(code) }),
    ...(redeemedAt !== null && { redeemedAt }),
    refreshNo,
    rotatedAt,
    accessNo,
    dropped: JSON.parse(dropped),
    ...(jkt !== null && { jkt }),
    createdAt,
    expiresAt,
    ...(wantsLogoutNotice === 1 && { wantsLogoutNotice: true }),
  };
};
