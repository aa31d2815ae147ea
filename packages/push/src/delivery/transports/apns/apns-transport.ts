import { createHash } from 'node:crypto';
import { readPrivateKey } from '../../../jose/index.ts';
import type { RealmRequests } from '../../../outbound/guarded-requests.ts';
import { apnsPayload } from '../../../protocol/index.ts';
import { type ApnsService, apnsEndpointOf } from '../../apns-service.ts';
import type { ProviderTransport } from '../../push-transport.ts';
import { addressOf, NO_TOKEN, tokenOfAddress } from '../direct-address.ts';
import { retryAfterOf } from '../provider-answer.ts';
import { providerCheck } from '../provider-check.ts';
import { judgeFailure, ProviderSaidNo } from '../provider-failure.ts';
import { oncePerMinute, type RealmAlarm } from '../realm-alarm.ts';
import { type FailedTry, inTries, type TriesOptions } from '../tries.ts';
import { judgeApnsRefusal } from './apns-answer.ts';
import { apnsConnection } from './apns-connection.ts';
import { apnsTokens } from './apns-token.ts';

export interface ApnsTransportOptions extends TriesOptions {
  readonly settings: ApnsService;
  readonly requests: Pick<RealmRequests, 'connect'>;
  readonly alarm: RealmAlarm;
}

interface ApnsMessage {
  readonly token: string;
  readonly id: string;
  readonly expiresAt: number;
  readonly body: string;
}

const TYPE = 'apns';
/** Apple says not to count on a length; today it is 32 bytes. */
const TOKEN = /^(?:[0-9a-f]{2}){16,100}$/i;
const TOO_MANY_TOKENS = 'TooManyProviderTokenUpdates';
/** No phone has it. */
const NOBODY = '0'.repeat(64);

/** Apple's push service, without Amazon between (OPS-47). @see "Sending notification requests to APNs" */
export const apnsTransport = ({ settings, requests, alarm, ...tries }: ApnsTransportOptions): ProviderTransport => {
  const { clock } = tries;
  const key = readPrivateKey(settings.key);
  if (key === undefined) throw new TypeError('The key of APNs is no private key.');
  const tokens = apnsTokens({ teamId: settings.teamId, keyId: settings.keyId, key, clock });
  const url = new URL(apnsEndpointOf(settings));
  const connection = apnsConnection(() => requests.connect(url));
  const tell = oncePerMinute(alarm, clock);
  let isProven = false;

  const judge = (error: unknown): FailedTry => {
    const judged = judgeFailure(error);
    if (judged.alarm !== undefined && !judged.mayPass) tell({ ...judged.alarm, cause: judged.failure.cause });
    return judged;
  };

  const post = async ({ token, id, expiresAt, body }: ApnsMessage, signal: AbortSignal): Promise<void> => {
    const provider = tokens.get();
    const answer = await connection.post(
      {
        ':path': `/3/device/${token}`,
        authorization: `bearer ${provider}`,
        'apns-id': id,
        // A message that is sent twice is shown once.
        'apns-collapse-id': id,
        'apns-topic': settings.topic,
        'apns-push-type': 'alert',
        'apns-priority': '10',
        'apns-expiration': String(Math.floor(expiresAt / 1_000)),
      },
      body,
      signal,
    );
    const { status, headers } = answer;
    if (status === 200) return;
    const retryAfterMillis = retryAfterOf(headers['retry-after'], clock.now());
    const judged = judgeApnsRefusal({ status, body: answer.body, retryAfterMillis }, isProven);
    const isRenewed = judged.failure.cause === 'ExpiredProviderToken' && tokens.renew(provider);
    throw new ProviderSaidNo(isRenewed ? { ...judged, mayPass: true } : judged);
  };

  return {
    serves: (communicationType) => communicationType === TYPE,
    isPulled: false,

    register: async (deviceId) =>
      TOKEN.test(deviceId) ? { status: 'registered', communicationId: addressOf(TYPE, deviceId) } : NO_TOKEN,

    async send({ communicationId, messageId, jwt, text, pushType, expiresAt }) {
      const token = tokenOfAddress(TYPE, communicationId);
      if (token === undefined || !TOKEN.test(token)) return NO_TOKEN;
      const body = apnsPayload({ messageId, message: jwt, text, pushType });
      const message = { token, id: apnsId(messageId), expiresAt, body };
      return inTries(
        tries,
        async (signal) => {
          await post(message, signal);
          isProven = true;
          return { status: 'sent' } as const;
        },
        judge,
      );
    },

    /** Apple looks at the provider first: whom it tells that the phone is nobody's, it knows. */
    check: () =>
      providerCheck(tries, async (signal) => {
        const message = { token: NOBODY, id: apnsId('doctor'), expiresAt: 0, body: '{"aps":{}}' };
        try {
          await post(message, signal);
        } catch (error) {
          const cause = error instanceof ProviderSaidNo ? error.judged.failure.cause : undefined;
          // Beside a server that has brought its token just now.
          if (cause === TOO_MANY_TOKENS) return { status: 'untold', cause };
          if (cause !== 'BadDeviceToken') throw error;
        }
        return { status: 'right' };
      }),
  };
};

/** The id of the message as Apple wants ids to be written; a second try has the same. */
const apnsId = (messageId: string): string => {
  const hex = createHash('sha256').update(messageId).digest('hex');
  // Version 8: made by a rule of our own (RFC 9562 §5.8).
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};
