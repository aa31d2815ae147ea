// What is kept, and how it changes

export type { OAuthChange, OAuthReaders } from './model/changes.ts';
export {
  consentGenerations,
  type EndedByClient,
  nextClientGenerations,
  readClientGenerations,
} from './model/client-generations.ts';
export { afterConsent, type ConsentReader, isConsentTo, type SavedConsent } from './model/consents.ts';
export {
  afterDrop,
  afterRedeem,
  afterRefresh,
  endedByNext,
  endsWithSession,
  GRANTS_ENDED_AT_ONCE,
  type GrantingUser,
  type GrantReader,
  type HeldAccess,
  HeldClients,
  type HeldPage,
  heldPage,
  isGrantedTo,
  isLiveGrant,
  isRedeemable,
  isToBeTold,
  keptUntil,
  MAX_GRANTS_OF_NOTHING,
  MAX_GRANTS_OF_SESSION,
  MAX_GRANTS_OF_USER,
  maxGrantsOf,
  NOTICE_RETENTION,
  type OAuthGrant,
  OFFLINE_ACCESS,
} from './model/grants.ts';
export { LOGOUT_NOTICE, noticesOf } from './model/logout-notices.ts';
export type { ParkedRequest, ParkedRequestReader } from './model/parked-requests.ts';
export {
  type ApprovedBy,
  isApproved,
  isPending,
  MAX_APPROVED_OF_USER,
  type PendingApproval,
  type PendingApprovalReader,
} from './model/pending-approvals.ts';
export { MAX_AHEAD_MILLIS, MAX_SEEN_OF_OWNER, type ReplayReader } from './model/replays.ts';
export type { SigningKeyReader, SigningKeyRow } from './model/signing-keys.ts';
export {
  isCrowded,
  MAX_WAITING_OF_CLIENT,
  MAX_WAITING_OF_SOURCE,
  pushedOutBy,
  type Waiting,
} from './model/waiting-places.ts';
export { strengthOfGrant } from './people/proof.ts';

// Clients and settings

export {
  type LocalizedText,
  type OAuthClient,
  type ScopeText,
  type SigningAlgorithm,
  withTextsOfClient,
} from './model/clients.ts';
export { fillLoginTemplate, type LoginTemplate, readLoginTemplate } from './model/login-template.ts';
export { type ProviderSettings, USUAL_USER_CODES, type UserCodeForm } from './model/provider.ts';

export { scopesNow } from './token/token-request.ts';

// Requests and answers

export { testOfClass } from './people/proof.ts';
export { type SignedIn, signedInBy } from './people/signed-in.ts';
export type { Endpoint, OAuthAnswer, OAuthPage } from './protocol/answer.ts';
export { errorAnswer } from './protocol/error-answer.ts';
export { OAuthError, tellable } from './protocol/errors.ts';
export type { OAuthRequest } from './protocol/request.ts';
export type { LoginRequest, ProviderPorts } from './provider-ports.ts';

// What clients are told

export { LOGOUT_NOTICE_MILLIS, logoutNoticeAudit, sendLogoutNotice } from './notices/logout-notice.ts';
export type { Outbound } from './protocol/outbound.ts';

// What is guessed at

export { USER_CODE_POLICY } from './endpoints/device-page.ts';
export { CLIENT_POLICY, CLIENTS_OF_PLACE_POLICY } from './token/client-guesses.ts';

// Clients that sign

export { ClientKeys, usableKeys } from './token/client-keys.ts';
export { namedClient } from './token/client-proof.ts';

// Tokens

export { type HandleSecret, Handles } from './tokens/handles.ts';
export { RequestMarks } from './tokens/request-marks.ts';
export { detachedSignature } from './tokens/signed-jwt.ts';
export { MAX_SIGNED_MILLIS, type RotatedKey, SigningKeys } from './tokens/signing-keys.ts';

// What answers

export { providerEndpoints } from './provider.ts';
