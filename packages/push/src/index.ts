export * from './delivery/dispatcher.ts';
export * from './delivery/hints.ts';
export * from './delivery/push-service.ts';
export * from './delivery/push-transport.ts';
export { relayTransport } from './delivery/transports/relay-transport.ts';
export { type SnsTransportOptions, snsTransport } from './delivery/transports/sns-transport.ts';
export { guardedPost } from './delivery/transports/webpush/guarded-post.ts';
export { PUSH_SERVICE_HOSTS } from './delivery/transports/webpush/push-endpoint.ts';
export { newVapidSecret, vapidKeys } from './delivery/transports/webpush/vapid-keys.ts';
export { webPushTransport } from './delivery/transports/webpush/webpush-transport.ts';
export * from './enrolment/push-devices-adapter.ts';
export { skipSettingsAdapter } from './enrolment/skip-settings-adapter.ts';
export * from './model/device-rules.ts';
export * from './model/devices.ts';
export * from './model/message-status.ts';
export * from './model/messages.ts';
export * from './model/push-addresses.ts';
export { messageIdHash } from './model/push-audit.ts';
export {
  isOverSendLimit,
  REFUSAL_POLICY,
  refusalSubject,
  SEND_POLICY,
  sendSubject,
} from './model/push-limits.ts';
export * from './model/push-messages.ts';
export * from './model/request-rules.ts';
export * from './oath/oath-devices.ts';
export * from './oath/oath-devices-adapter.ts';
export { type HashAlgorithm, type HotpOptions, hotp, timeStepAt, totp } from './oath/one-time-password.ts';
export * from './oath/verify-one-time-password.ts';
export * from './phone-endpoint/answer-phone.ts';
export * from './phone-endpoint/phone-call.ts';
export * from './phone-endpoint/relay.ts';
export {
  type DeliveredMessage,
  messageId,
  parseMessageId,
  relayEvents,
  relayUrl,
} from './protocol/index.ts';
export * from './recovery-codes/recovery-code-set.ts';
export * from './recovery-codes/recovery-codes-adapter.ts';
export { sendsPausedUntil } from './requests/push-counters.ts';
export type { PushDependencies } from './requests/push-dependencies.ts';
export { pushMessagesAdapter } from './requests/push-messages-adapter.ts';
export * from './requests/request-watch.ts';
export { type PushResends, pushResends, type ResendsLeft } from './requests/resend.ts';
export { closeMessagesOfUser } from './requests/staged-messages.ts';
