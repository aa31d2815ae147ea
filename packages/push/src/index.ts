/** What nodes, stores and servers import. What phones and servers say to each other is in `@assent/push/protocol`. */

// Ports of nodes

export {
  type KeyAttestation,
  type KeyAttestations,
  keyAttestations,
} from './binding/attestation/key-attestations.ts';
export { type BoundDevices, boundDevices, type NewBoundDevice } from './binding/bound-devices.ts';
export { type CodeOwner, type CodeVerdict, type RecoveryCodes, recoveryCodes } from './factors/model/recovery-codes.ts';
export { type SkipSetting, type SkipSettings, skipSettings } from './factors/model/skip-settings.ts';
export { type SecondFactors, secondFactors } from './factors/second-factors.ts';
export {
  type MessageStatus,
  type OpenedRegistration,
  type PretendedRequest,
  type PushDevices,
  type PushMessages,
  type PushRequestOptions,
  type PushRequestResult,
  pushDevices,
  pushMessages,
  type RegistrationLabel,
  type ServiceMissing,
} from './model/push-messages.ts';
export { type NewOathDevice, type OathCheck, type OathDevices, oathDevices } from './oath/oath-devices.ts';
export {
  type AuthenticationCeremony,
  type NewPasskey,
  type PasskeyRefusal,
  type Passkeys,
  passkeys,
  type RegistrationCeremony,
} from './passkeys/passkeys.ts';

// Ceremonies of passkeys: what is sent, and what comes back

export {
  type AuthenticationMetadata,
  type AuthenticationRequest,
  authenticationMetadata,
  type RequestOptionsJson,
  requestOptionsJson,
} from './passkeys/ceremony/authentication-options.ts';
export { authenticatorModel } from './passkeys/ceremony/authenticator-models.ts';
export {
  type AnswerProblem,
  type AuthenticationAnswer,
  type AuthenticatorAttachment,
  type ClientAnswer,
  parseAuthenticationAnswer,
  parseRegistrationAnswer,
  type RegistrationAnswer,
} from './passkeys/ceremony/client-answer.ts';
export {
  type AttestationPreference,
  type CreationOptionsJson,
  creationOptionsJson,
  parametersText,
  type RegistrationMetadata,
  type RegistrationRequest,
  registrationMetadata,
} from './passkeys/ceremony/registration-options.ts';
export { isSameUserHandle, tokenOfUserHandle } from './passkeys/ceremony/user-handle.ts';
export {
  challengeBytes,
  credentialsAsScript,
  type NamedCredential,
  type SelectionCriteria,
  type UserVerification,
} from './passkeys/ceremony/webauthn-options.ts';

// Their verification

export type { AttestationDemands, AttestationPolicy, AttestationType } from './passkeys/verification/attestation.ts';
export type { AuthenticatorFlags } from './passkeys/verification/authenticator-data.ts';
export type { LibraryVerdict, PasskeyLibrary } from './passkeys/verification/passkey-library.ts';
export { type LibraryModules, PasskeyThread } from './passkeys/verification/passkey-thread.ts';
export {
  encodeCoseKey,
  PASSKEY_ALGORITHMS,
  type PasskeyKey,
} from './passkeys/verification/public-key.ts';
export type { CeremonyExpectations, Refusal, Refused } from './passkeys/verification/verification.ts';
export {
  type AssertionExpectations,
  type KnownPasskey,
  type VerifiedAssertion,
  verifyAssertion,
} from './passkeys/verification/verify-assertion.ts';
export {
  type RegistrationExpectations,
  type VerifiedRegistration,
  verifyRegistration,
} from './passkeys/verification/verify-registration.ts';

// Their adapters

export { keyAttestationsAdapter } from './binding/attestation/key-attestations-adapter.ts';
export { boundDevicesAdapter } from './binding/bound-devices-adapter.ts';
export { pushDevicesAdapter } from './enrolment/push-devices-adapter.ts';
export type { FactorDependencies } from './factors/model/factor-dependencies.ts';
export { anyFactorOf, secondFactorsAdapter } from './factors/second-factors-adapter.ts';
export { skipSettingsAdapter } from './factors/skip-settings-adapter.ts';
export { OTP_POLICY, oathDevicesAdapter } from './oath/oath-devices-adapter.ts';
export { passkeysAdapter } from './passkeys/passkeys-adapter.ts';
export { userHandleOf } from './passkeys/user-handle-of.ts';
export { RECOVERY_POLICY, recoveryCodesAdapter } from './recovery-codes/recovery-codes-adapter.ts';
export type { PushDependencies } from './requests/push-dependencies.ts';
export { pushMessagesAdapter } from './requests/push-messages-adapter.ts';

// What a realm has set up

export {
  ANDROID_KEY_ATTESTATION_SERVICE,
  androidKeyAttestationService,
} from './binding/attestation/android-key-attestation-service.ts';
export { APNS_SERVICE, type ApnsService, apnsService } from './delivery/apns-service.ts';
export { FCM_SERVICE, type FcmService, fcmService } from './delivery/fcm-service.ts';
export {
  AUTHENTICATOR_PUSH_SERVICE,
  authenticatorPushService,
  PUSH_SERVICE,
  type PushNotificationService,
  pushNotificationService,
} from './delivery/push-service.ts';
export { type RealmTransportsOptions, realmTransports } from './delivery/realm-transports.ts';
export {
  AUTHENTICATOR_OATH_SERVICE,
  AUTHENTICATOR_WEBAUTHN_SERVICE,
  authenticatorOathService,
  authenticatorWebAuthnService,
  DEVICE_BINDING_SERVICE,
  deviceBindingService,
  skipAttribute,
} from './factors/model/device-services.ts';

export {
  type AuthenticatorTrusts,
  authenticatorTrusts,
  metadataSources,
} from './passkeys/metadata/authenticator-trust.ts';
export { sourceMark } from './passkeys/metadata/kept-metadata.ts';
export {
  isRelyingPartyId,
  type RelyingParty,
  type RelyingPartySettings,
  relyingPartyOf,
} from './passkeys/relying-party.ts';

export {
  namesMetadata,
  outdatedCertificates,
  readTrustStores,
  WEBAUTHN_METADATA_SERVICE,
  webAuthnMetadataService,
} from './passkeys/trust/metadata-service.ts';
export { CERTIFICATION_LEVELS, type CertificationLevel } from './passkeys/trust/model-metadata.ts';

// What a store keeps, and the rules that it applies

export type {
  AuthenticatorMetadataChange,
  AuthenticatorMetadataReader,
  AuthenticatorMetadataRow,
} from './factors/model/authenticator-metadata.ts';

export type {
  BoundDevice,
  BoundDeviceChange,
  BoundDeviceJwk,
  BoundDeviceReader,
} from './factors/model/bound-device.ts';
export type { FactorChange } from './factors/model/factor-change.ts';
export type { OathDevice, OathDeviceReader } from './factors/model/oath-device.ts';
export type { Passkey, PasskeyChange, PasskeyJwk, PasskeyReader } from './factors/model/passkey.ts';
export { countFollows } from './factors/model/passkey.ts';
export type { CodeType, RecoveryCodeReader, RecoveryCodeRow } from './factors/model/recovery-codes.ts';
export type { SkipType } from './factors/model/skip-settings.ts';
export {
  afterAccess,
  afterProof,
  countsTowardsLimit,
  isProven,
  isUnreachable,
} from './model/device-rules.ts';
export type { DeviceChange, DeviceReader, EcPublicJwk, PendingProof, PushDevice } from './model/devices.ts';
export { type FingerprintRow, messageFingerprints, QUIET } from './model/message-fingerprint.ts';
export type {
  DeliveryOutcome,
  KeptMessage,
  MessageChange,
  MessageClaim,
  MessageFingerprints,
  MessageKind,
  MessageReader,
  MessageState,
  MessageSummary,
  PushEnvelope,
  PushMessage,
  PushType,
  RegistrationClaims,
  TracedMessage,
} from './model/messages.ts';
export {
  type AskedFrom,
  pauseOf,
  REFUSAL_LIMITS,
  SEND_LIMITS,
  SEND_POLICY,
  sendsHeldUntil,
  wasDoneBefore,
} from './model/push-limits.ts';
export {
  afterAnswer,
  afterBadProof,
  afterClaim,
  afterClose,
  afterConsumption,
  afterDelivery,
  afterNewRequest,
  afterRemovalOfDevice,
  claimFrom,
  isOpenMessage,
  isRinging,
  isUnclaimed,
  isUnsent,
  type MessageFacts,
  type MessageTransition,
} from './model/request-rules.ts';
export { readWithdrawal, WITHDRAWAL, type Withdrawal, withdrawalsOf } from './model/withdrawals.ts';

// Requests to phones, for those who wait for them and those who end them

export { rowsShownTo } from './model/message-status.ts';
export { messageIdHash } from './model/push-audit.ts';
export { sendsPausedUntil } from './requests/push-counters.ts';
export {
  newsOf,
  type RequestListener,
  type RequestNews,
  type RequestWatch,
  type RequestWatchDependencies,
  watchRequest,
} from './requests/request-watch.ts';
export { type PushResends, pushResends, type ResendsLeft } from './requests/resend.ts';
export { closeMessagesOfUser } from './requests/staged-messages.ts';

// Bound devices: what is asked of them, and whether their answers are good

export type { ExpectedClaims } from './binding/claims-of-device.ts';
export { listedClientError, OUTCOMES_OF_BINDING } from './binding/client-errors.ts';
export { type DeviceJws, readDeviceJws } from './binding/device-jws.ts';
export { type BindingVerification, type VerifiedBinding, verifyBinding } from './binding/verify-binding.ts';
export { onceOf, type SigningVerification, verifySigning } from './binding/verify-signing.ts';

// What phones call

export { BAD_ANSWER_POLICY, type PhoneEndpoint, phoneEndpoint } from './phone-endpoint/answer-phone.ts';
export type { PhoneCall, PhoneEndpointDependencies, PhoneReply } from './phone-endpoint/phone-call.ts';
export {
  type Relay,
  type RelayDependencies,
  type RelayListener,
  type RelaySubscription,
  relay,
} from './phone-endpoint/relay.ts';

// The way of a message to a phone

export { type DispatcherDependencies, type PushDispatcher, pushDispatcher } from './delivery/dispatcher.ts';
export {
  type AwaitedRows,
  awaitedBy,
  type Committed,
  type CommittedEnd,
  type CommittedMessage,
  type HintBus,
  type LocalHints,
  localHints,
  phoneHint,
  requestHint,
} from './delivery/hints.ts';
export { ProviderCalls, type ProviderCallsDependencies } from './delivery/provider-calls.ts';
export type { CalledProvider, PushObserver } from './delivery/push-observer.ts';
export type {
  DeliveryFailed,
  ProviderCheck,
  ProviderTransport,
  PushTransport,
  PushTransports,
  RegisterResult,
  SendResult,
} from './delivery/push-transport.ts';
export { sendWithdrawal, type WithdrawalDependencies, type WithdrawalResult } from './delivery/send-withdrawal.ts';
export { type ApnsTransportOptions, apnsTransport } from './delivery/transports/apns/apns-transport.ts';
export { type FcmTransportOptions, fcmTransport } from './delivery/transports/fcm/fcm-transport.ts';
export { retryAfterOf } from './delivery/transports/provider-answer.ts';
export type { RealmAlarm } from './delivery/transports/realm-alarm.ts';
export { relayTransport } from './delivery/transports/relay-transport.ts';
export {
  SNS_CLIENT,
  SNS_CLIENT_MISSING,
  type SnsTransportOptions,
  snsTransport,
} from './delivery/transports/sns-transport.ts';
export { PUSH_SERVICE_HOSTS } from './delivery/transports/webpush/push-endpoint.ts';
export { newVapidSecret, vapidKeys } from './delivery/transports/webpush/vapid-keys.ts';
export { webPushTransport } from './delivery/transports/webpush/webpush-transport.ts';
export type { DeliveredMessage } from './protocol/index.ts';

// Calls to addresses that others have named

export {
  type AddressGuard,
  addressGuard,
  OF_OPERATOR,
  OF_PUSH_SERVICES,
  type RealmGuard,
} from './outbound/address-guard.ts';
export {
  type GuardedRequests,
  guardedRequests,
  type RealmRequests,
  type RealmSenders,
} from './outbound/guarded-requests.ts';
export { HOST_LOOKUPS } from './outbound/host-lookups.ts';

// One-time passwords and recovery codes

export { withMoments } from './delivery/committed-by.ts';
export { IMPORTED_SELECTOR } from './factors/model/recovery-codes.ts';
export { SKIP_TYPES } from './factors/model/skip-settings.ts';
export {
  MAX_TRACE_LENGTH,
  type MessageMoment,
  momentOfNewer,
  readTrace,
  stepOfTransition,
  type TraceStep,
  traceLine,
} from './model/message-trace.ts';
export { type HashAlgorithm, type HotpOptions, hotp, totp } from './oath/one-time-password.ts';
export {
  type OathRefusal,
  type OathRules,
  type OathVerification,
  verifyOneTimePassword,
} from './oath/verify-one-time-password.ts';
export { carriedCodeHash, codeKeyId, readCarriedCode } from './recovery-codes/carried-codes.ts';
export { isImportableCode } from './recovery-codes/imported-codes.ts';
export { type RecoveryCodeSets, recoveryCodeSets } from './recovery-codes/recovery-code-set.ts';
export {
  type PushTrace,
  type PushTraces,
  type PushTracesDependencies,
  pushTraces,
  type TracedStep,
} from './requests/push-traces.ts';
export { stepInWords, whatToDo } from './requests/trace-words.ts';
