export {
  type AuthenticationAnswer,
  type AuthenticationClaims,
  authenticationClaims,
  type BoundAuthenticationAnswer,
  type DenyReason,
  parseAuthenticationClaims,
  parseBoundAuthenticationClaims,
} from './authentication-answer.ts';
export { decodeBase32, encodeBase32 } from './base32.ts';
export {
  decodeBase64,
  decodeBase64UrlExactly,
  decodeText,
  encodeBase64,
  encodeBase64Url,
  encodeTextUrl,
  unlessRefused,
  utf8Bytes,
  utf8Text,
} from './base64.ts';
export { type CommunicationType, type DeviceType, isReadOnTheWay, readMechanismUid } from './device-claims.ts';
export { cleanText, cutText } from './display-text.ts';
export { type EcPublicJwk, parseEcPublicJwk } from './ec-public-jwk.ts';
export {
  decodeJwsPayload,
  encodeJwsParts,
  encodeJwsSigningInput,
  type JwsAlgorithm,
  type JwtExpectations,
  joinJwsSigningInput,
  MAX_JWT_LENGTH,
  peekClaims,
  type SplitJws,
  splitCompactJws,
  splitJwsUnder,
  timeOrAudienceProblem,
} from './jwt.ts';
export { type MessageBody, parseMessageBody } from './message-body.ts';
export { isMessageId, type MessageType, messageId, parseMessageId } from './message-id.ts';
export {
  generateNumberChallenge,
  type NumberChallenge,
  type RandomIntegers,
} from './number-challenge.ts';
export { movingFactorBytes, type PasswordOptions, passwordOfMac } from './one-time-password.ts';
export {
  type CombinedRegistration,
  formatCombinedUri,
  formatOathUri,
  type OathAccount,
  type OathParameters,
} from './otpauth-uri.ts';
export { type Claims, isObject, type Parsed, parsed, refused } from './parsed.ts';
export {
  apnsPayload,
  type DeliveredMessage,
  type Delivery,
  type FittedMessage,
  fcmPayload,
  fitToProvider,
  gcmPayload,
  MAX_PROVIDER_PAYLOAD,
  MAX_WEB_PUSH_PAYLOAD,
  ownPhonePayload,
  type ProviderMessage,
  parseDeliveries,
  parseProviderPayload,
  shownText,
  snsMessage,
} from './provider-payload.ts';
export {
  type DroppedFromPush,
  type FittedPushClaims,
  fitPushClaims,
  messageText,
  type PushClaims,
  type PushContent,
  type PushContext,
  type PushProblem,
  type PushRules,
  type PushType,
  parsePushClaims,
  parseWithdrawalClaims,
  pushClaims,
  type ReceivedPush,
  type WithdrawalClaims,
  withdrawalClaims,
} from './push-claims.ts';
export { parseRefreshBody, parseRefreshClaims, type RefreshAnswer, type RefreshBody } from './refresh-answer.ts';
export {
  type PhoneRegistration,
  parseRegistrationClaims,
  type RegistrationAccepted,
  type RegistrationAnswer,
  type RegistrationDenied,
  registrationClaims,
} from './registration-answer.ts';
export {
  formatRegistrationUri,
  MAX_REGISTRATION_URI_LENGTH,
  type Registration,
  type RegistrationUriOptions,
} from './registration-uri.ts';
export {
  parseMessageReference,
  parseRelayList,
  parseRelayMessage,
  parseRelayTokenClaims,
  type RelayList,
  type RelayTokenClaims,
  relayEvents,
  relayUrl,
} from './relay.ts';
export {
  parseCombinedUri,
  parseOathUri,
  parseRegistrationUri,
  parseSetupCode,
  type ScannedCombined,
  type ScannedOath,
  type ScannedRegistration,
  type ScannedSetupCode,
} from './setup-code.ts';
export type {
  AlphabetRule,
  SetupCodeProblem,
  SetupCodeResult,
  SetupCodeRules,
} from './setup-code-rules.ts';
export {
  type JsonLimits,
  type JsonProblem,
  parseJsonObject,
  readStrictJson,
  unstorableMember,
} from './strict-json.ts';
