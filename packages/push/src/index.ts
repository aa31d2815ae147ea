export * from './answer-phone.ts';
export * from './devices.ts';
export * from './dispatcher.ts';
export * from './hints.ts';
export { HmacSha256 } from './hmac-sha256.ts';
export * from './message-status.ts';
export * from './messages.ts';
export * from './oath/oath-devices.ts';
export * from './oath/oath-devices-adapter.ts';
export { checksumOf, type HashAlgorithm, type HotpOptions, hotp, timeStepAt, totp } from './oath/one-time-password.ts';
export * from './oath/verify-one-time-password.ts';
export * from './phone-call.ts';
export {
  type DeliveredMessage,
  messageId,
  parseMessageId,
  relayEvents,
  relayUrl,
} from './protocol/index.ts';
export * from './push-addresses.ts';
export { messageIdHash } from './push-audit.ts';
export type { PushDependencies } from './push-dependencies.ts';
export * from './push-devices-adapter.ts';
export {
  isOverSendLimit,
  REFUSAL_POLICY,
  refusalSubject,
  SEND_POLICY,
  sendSubject,
  sendsPausedUntil,
} from './push-limits.ts';
export * from './push-messages.ts';
export { DEFAULT_DEVICE_NAME, pushMessagesAdapter as bindPushMessages } from './push-messages-adapter.ts';
export * from './push-service.ts';
export * from './push-transport.ts';
export * from './recovery-code-set.ts';
export * from './recovery-codes-adapter.ts';
export * from './relay.ts';
export * from './request-watch.ts';
export { type PushResends, pushResends, type ResendsLeft } from './resend.ts';
export * from './signing.ts';
export { skipSettingsAdapter as bindSkipSettings } from './skip-settings-adapter.ts';
export { closeMessagesOfUser } from './staged-messages.ts';
export { relayTransport } from './transports/relay/relay-transport.ts';
export { type SnsTransportOptions, snsTransport } from './transports/sns/sns-transport.ts';
export { guardedPost } from './transports/webpush/guarded-post.ts';
export { PUSH_SERVICE_HOSTS } from './transports/webpush/push-endpoint.ts';
export { newVapidSecret, vapidKeys } from './transports/webpush/vapid-keys.ts';
export { webPushTransport } from './transports/webpush/webpush-transport.ts';
