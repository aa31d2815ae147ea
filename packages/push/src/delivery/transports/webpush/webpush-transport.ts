import { createHash } from 'node:crypto';
import type { PushEnvelope } from '../../../model/messages.ts';
import { AddressRefused } from '../../../outbound/address-guard.ts';
import type { RealmRequests } from '../../../outbound/guarded-requests.ts';
import { MAX_WEB_PUSH_PAYLOAD, ownPhonePayload, utf8Bytes } from '../../../protocol/index.ts';
import { type HintBus, phoneHint } from '../../hints.ts';
import type { DeliveryFailed, PushTransport, SendResult } from '../../push-transport.ts';
import { retryAfterOf } from '../provider-answer.ts';
import { deadAddress, judgeFailure, providerDown, refusedMessage } from '../provider-failure.ts';
import { type FailedTry, inTries, type TriesOptions } from '../tries.ts';
import { allowedEndpoint, type EndpointPolicy } from './push-endpoint.ts';
import { parseSubscription, type WebPushSubscription } from './push-subscription.ts';
import type { VapidKeys } from './vapid-keys.ts';

export interface WebPushTransportOptions extends TriesOptions {
  readonly hints: HintBus;
  readonly keys: VapidKeys;
  /** Who runs this server: an `https:` or `mailto:` address for those who run the push service. @see RFC 8292 §2.1 */
  readonly contact: string;
  readonly endpoints: EndpointPolicy;
  readonly requests: Pick<RealmRequests, 'send'>;
}

const PREFIX = 'webpush:';
/** Messages are padded up to a multiple of it, so that their length says nothing of what is in them (SEC-81). */
const PADDED_TO = 1_024;

/** Not an answer of ours: the status that a push service gave. */
class PushServiceSaidNo extends Error {
  readonly status: number;
  readonly retryAfterMillis: number | undefined;

  constructor(status: number, retryAfterMillis: number | undefined) {
    super(`The push service answered ${status}.`);
    this.status = status;
    this.retryAfterMillis = retryAfterMillis;
  }
}

/**
 * Our own phone in a browser, rung through the browser's push service (RFC 8030). An open page also hears of the message
 * through the relay, at once.
 */
export const webPushTransport = (options: WebPushTransportOptions): PushTransport => {
  const { hints, keys, contact, endpoints, requests, clock } = options;

  const deliver = async (subscription: WebPushSubscription, envelope: PushEnvelope): Promise<SendResult> => {
    const url = allowedEndpoint(subscription.endpoint, endpoints);
    if (url === undefined) return refusedEndpoint;
    // Loaded with the first message, since most phones are rung otherwise.
    const { default: webPush } = await import('web-push');
    const { headers, body } = webPush.generateRequestDetails(subscription, padded(envelope), {
      vapidDetails: { subject: contact, ...keys },
      TTL: Math.max(0, Math.ceil((envelope.expiresAt - clock.now()) / 1_000)),
      urgency: 'high',
      topic: topicOf(envelope.messageId),
    });
    return inTries(
      options,
      async (signal) => {
        const given = { headers: headers as Record<string, string | number>, body: body as Buffer };
        const { status, headers: said } = await requests.send(url, { method: 'POST', ...given, signal });
        if (status >= 200 && status <= 299) return { status: 'sent' } as const;
        throw new PushServiceSaidNo(status, retryAfterOf(said['retry-after'], clock.now()));
      },
      judge,
    );
  };

  return {
    serves: (communicationType) => communicationType === 'webpush',
    isPulled: false,
    providerOf: (address) => originOf(parseSubscription(address.slice(PREFIX.length))?.endpoint),

    async register(deviceId) {
      const subscription = parseSubscription(deviceId);
      if (subscription === undefined) return { status: 'failed', permanent: true, cause: 'NoSubscription' };
      if (allowedEndpoint(subscription.endpoint, endpoints) === undefined) return refusedEndpoint;
      return { status: 'registered', communicationId: `${PREFIX}${JSON.stringify(subscription)}` };
    },

    async send(envelope, ring) {
      if (ring !== undefined) hints.publish(phoneHint(ring));
      const subscription = parseSubscription(envelope.communicationId.slice(PREFIX.length));
      return subscription === undefined
        ? { status: 'failed', permanent: true, cause: 'NoSubscription' }
        : deliver(subscription, envelope);
    },
  };
};

const originOf = (endpoint = ''): string => (URL.canParse(endpoint) ? new URL(endpoint).origin : '');

const refusedEndpoint: DeliveryFailed = {
  status: 'failed',
  permanent: true,
  cause: 'EndpointNotAllowed',
  blame: 'address',
};

/** White space after JSON means nothing. */
const padded = ({ messageId, jwt }: PushEnvelope): string => {
  const payload = ownPhonePayload({ messageId, message: jwt });
  const { length } = utf8Bytes(payload);
  const size = Math.min(Math.ceil(length / PADDED_TO) * PADDED_TO, MAX_WEB_PUSH_PAYLOAD);
  return payload + ' '.repeat(Math.max(0, size - length));
};

/** The same message twice is one notification; 32 characters of the alphabet that RFC 8030 §5.4 allows. */
const topicOf = (messageId: string): string => createHash('sha256').update(messageId).digest('base64url').slice(0, 32);

const judge = (error: unknown): FailedTry => {
  if (error instanceof PushServiceSaidNo) {
    const { status, retryAfterMillis } = error;
    // The subscription is no more: only a new one from the phone helps (REL-09).
    if (status === 404 || status === 410) return deadAddress('SubscriptionGone');
    const cause = `PushService${status}`;
    return status === 429 || status >= 500 ? providerDown(cause, retryAfterMillis) : refusedMessage(cause);
  }
  // The phone has named the address, so another one is the phone's to name.
  return error instanceof AddressRefused ? deadAddress(refusedEndpoint.cause) : judgeFailure(error);
};
