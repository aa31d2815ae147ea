import { utf8Bytes } from './base64.ts';
import type { CommunicationType } from './device-claims.ts';
import { isMessageId } from './message-id.ts';
import { type Claims, isObject, type Parsed, parsed, refused } from './parsed.ts';
import { type FittedPushClaims, fitPushClaims, type PushClaims, type PushType } from './push-claims.ts';
import { parseJsonObject } from './strict-json.ts';

/** A signed push message and what its notification shows. */
export interface ProviderMessage {
  readonly messageId: string;
  /** The compact JWS. */
  readonly message: string;
  readonly text: string;
  readonly pushType: PushType;
}

/** What a phone takes out of a delivery. */
export interface DeliveredMessage {
  readonly messageId: string;
  readonly message: string;
}

/** APNs and FCM refuse more. */
export const MAX_PROVIDER_PAYLOAD = 4096;
/** What RFC 8291 leaves of the 4096 bytes that a push service takes. */
export const MAX_WEB_PUSH_PAYLOAD = 3993;

const HS256_HEADER_LENGTH = 36;
const HS256_SIGNATURE_LENGTH = 43;

const categories: Readonly<Record<PushType, string>> = {
  DEFAULT: 'authentication',
  CHALLENGE: 'authentication_challenge',
  BIOMETRIC: 'authentication_biometric',
};

/** The JSON text for an Android phone: a data message, or the app would not run for it. */
export const gcmPayload = ({ messageId, message }: DeliveredMessage): string =>
  JSON.stringify({ priority: 'high', data: { message, messageId } });

/**
 * The JSON text that FCM takes for the same delivery without Amazon between: the app is handed the members of `data`, whichever way they came.
 * Nothing in it is collapsible: of such messages FCM keeps few and delays many, and the apps drop a message that they know by its id.
 */
export const fcmPayload = (
  { messageId, message }: DeliveredMessage,
  { token, ttlSeconds }: { readonly token: string; readonly ttlSeconds: number },
): string =>
  JSON.stringify({
    message: { token, data: { message, messageId }, android: { priority: 'HIGH', ttl: `${ttlSeconds}s` } },
  });

/** The JSON text for an iPhone; the newer SDK's names are added at the top where they fit. */
export function apnsPayload(message: ProviderMessage): string {
  const { messageId, message: jwt } = message;
  const withBoth = JSON.stringify({ ...apnsEnvelope(message), messageId, message: jwt });
  return utf8Bytes(withBoth).length <= MAX_PROVIDER_PAYLOAD ? withBoth : JSON.stringify(apnsEnvelope(message));
}

const apnsEnvelope = ({ messageId, message, text, pushType }: ProviderMessage) => ({
  aps: {
    alert: text,
    sound: 'default',
    category: categories[pushType],
    'interruption-level': 'time-sensitive',
    messageId,
    data: message,
    'content-available': 1,
    'mutable-content': 1,
  },
});

/** What our own phone gets, from the relay and by Web Push. */
export const ownPhonePayload = ({ messageId, message }: DeliveredMessage): string =>
  JSON.stringify({ messageId, message });

/** The `Message` of an SNS publish with `MessageStructure` json: text in JSON in text. It has no subject, which may be no longer than a line. */
export function snsMessage(message: ProviderMessage): string {
  const apns = apnsPayload(message);
  return JSON.stringify({ default: message.text, GCM: gcmPayload(message), APNS: apns, APNS_SANDBOX: apns });
}

/** Claims that fit, with their JSON text: what is to be signed. */
export interface FittedMessage extends FittedPushClaims {
  readonly json: string;
}

/** Makes the claims fit what the device's provider carries, before they are signed. */
export function fitToProvider(
  claims: PushClaims,
  {
    messageId,
    pushType,
    communicationType,
  }: Pick<ProviderMessage, 'messageId' | 'pushType'> & {
    readonly communicationType: CommunicationType;
  },
): FittedMessage {
  const json = JSON.stringify(claims);
  const limit = communicationType === 'webpush' ? MAX_WEB_PUSH_PAYLOAD : MAX_PROVIDER_PAYLOAD;
  if (mostBytes(json, messageId, shownText(claims)) <= limit) return { claims, dropped: [], json };
  // A JWT is as long in JSON as it is, so it need not be there to be counted.
  const sizeOf = (candidate: PushClaims): number => {
    const around = minimalPayload(communicationType, { messageId, message: '', text: shownText(candidate), pushType });
    return utf8Bytes(around).length + jwtLength(candidate);
  };
  const fitted = fitPushClaims(claims, sizeOf, limit);
  return { ...fitted, json: JSON.stringify(fitted.claims) };
}

/** More than any provider's payload has around JWT, id and text. */
const AROUND = 256;

/** What a message takes at the most, whatever its characters and whichever the provider: nearly all are far from the limit. */
const mostBytes = (json: string, messageId: string, text: string): number =>
  AROUND + 4 * json.length + HS256_HEADER_LENGTH + HS256_SIGNATURE_LENGTH + 6 * (messageId.length + text.length);

/** The text that a notification shows for these claims. */
export const shownText = (claims: PushClaims): string => claims.m ?? '';

function jwtLength(claims: PushClaims): number {
  const payload = Math.ceil((utf8Bytes(JSON.stringify(claims)).length * 4) / 3);
  return HS256_HEADER_LENGTH + 1 + payload + 1 + HS256_SIGNATURE_LENGTH;
}

function minimalPayload(communicationType: CommunicationType, message: ProviderMessage): string {
  switch (communicationType) {
    case 'apns':
      return JSON.stringify(apnsEnvelope(message));
    case 'gcm':
      return gcmPayload(message);
    case 'relay':
    case 'webpush':
      return ownPhonePayload(message);
  }
}

/** A message in a payload, and for whose provider the payload is. */
export interface Delivery extends DeliveredMessage {
  readonly via: 'gcm' | 'apns' | 'relay';
}

/** More than any provider carries, and an SNS publish wraps three payloads. */
const MAX_PAYLOAD_LENGTH = 65_536;

/** Reads every message in what a provider delivers: the GCM, FCM v1 or APNS shape, our own, or an SNS publish around them. */
export function parseDeliveries(text: string): readonly Delivery[] {
  const payload = text.length > MAX_PAYLOAD_LENGTH ? undefined : parseJsonObject(text);
  return payload?.ok ? [...deliveriesIn(payload.value)] : [];
}

function* deliveriesIn(payload: Claims): Generator<Delivery> {
  const { aps, data, message, messageId } = payload;
  if (isObject(data)) yield* delivery('gcm', data.messageId, data.message);
  else if (isObject(message) && isObject(message.data))
    yield* delivery('gcm', message.data.messageId, message.data.message);
  // Some phones read the top level of what Apple delivers, some the `aps` object; both hold the same (§3.4).
  if (isObject(aps)) yield* delivery('apns', aps.messageId ?? messageId, aps.data ?? message);
  else yield* delivery('relay', messageId, message);
  for (const wrapped of [payload.GCM, payload.APNS]) if (typeof wrapped === 'string') yield* parseDeliveries(wrapped);
}

function* delivery(via: Delivery['via'], messageId: unknown, message: unknown): Generator<Delivery> {
  if (isMessageId(messageId) && typeof message === 'string' && message !== '') yield { via, messageId, message };
}

/** Reads the one message of a delivery. */
export function parseProviderPayload(text: string): Parsed<DeliveredMessage> {
  const [first] = parseDeliveries(text);
  return first === undefined
    ? refused('no messageId and message in it')
    : parsed({ messageId: first.messageId, message: first.message });
}
