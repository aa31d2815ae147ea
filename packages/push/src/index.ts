/** What nodes, stores and servers import. What phones and servers say to each other is in `@assent/push/protocol`. */

// Ports of nodes

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

// Adapters of the ports

export { pushDevicesAdapter } from './enrolment/push-devices-adapter.ts';
export type { PushDependencies } from './requests/push-dependencies.ts';
export { pushMessagesAdapter } from './requests/push-messages-adapter.ts';

// What a realm has set up

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

// What a store keeps, and the rules that it applies

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

// What became of a request, step by step

export { withMoments } from './delivery/committed-by.ts';
export {
  MAX_TRACE_LENGTH,
  type MessageMoment,
  momentOfNewer,
  readTrace,
  stepOfTransition,
  type TraceStep,
  traceLine,
} from './model/message-trace.ts';
export {
  type PushTrace,
  type PushTraces,
  type PushTracesDependencies,
  pushTraces,
  type TracedStep,
} from './requests/push-traces.ts';
export { stepInWords, whatToDo } from './requests/trace-words.ts';

// What the other factors stand on

export { profileEncryption, pushSkipAttribute } from './delivery/push-service.ts';
export { pushDevicesOfUser, StagedDevices } from './enrolment/staged-devices.ts';
export { type CachedDocuments, cachedDocuments } from './outbound/cached-documents.ts';
export { readDocument } from './outbound/read-document.ts';
export { pushCountersOf } from './requests/push-counters.ts';
