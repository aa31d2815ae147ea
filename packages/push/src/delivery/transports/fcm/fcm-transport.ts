import type { RealmRequests } from '../../../outbound/guarded-requests.ts';
import { fcmPayload } from '../../../protocol/index.ts';
import { type FcmService, fcmEndpointOf } from '../../fcm-service.ts';
import type { ProviderTransport } from '../../push-transport.ts';
import { addressOf, NO_TOKEN, tokenOfAddress } from '../direct-address.ts';
import { retryAfterOf } from '../provider-answer.ts';
import { providerCheck } from '../provider-check.ts';
import { judgeFailure, ProviderSaidNo } from '../provider-failure.ts';
import { oncePerMinute, type RealmAlarm } from '../realm-alarm.ts';
import { type FailedTry, inTries, type TriesOptions } from '../tries.ts';
import { judgeFcmAnswer } from './fcm-answer.ts';
import { googleAccessTokens } from './google-access-token.ts';
import { readServiceAccount } from './service-account.ts';

export interface FcmTransportOptions extends TriesOptions {
  readonly settings: FcmService;
  readonly requests: Pick<RealmRequests, 'send'>;
  readonly alarm: RealmAlarm;
}

const TYPE = 'gcm';
const TOKEN = /^[\w:.-]{1,4096}$/;
const MAX_ANSWER_BYTES = 16_384;

/** Firebase Cloud Messaging, without Amazon between (OPS-47). @see FCM HTTP v1, `projects.messages.send` */
export const fcmTransport = ({ settings, requests, alarm, ...tries }: FcmTransportOptions): ProviderTransport => {
  const { clock } = tries;
  const account = readServiceAccount(settings.serviceAccount);
  if ('fault' in account) throw new TypeError(account.fault);
  const tokens = googleAccessTokens({ account, requests, clock });
  const url = new URL(`/v1/projects/${encodeURIComponent(settings.projectId)}/messages:send`, fcmEndpointOf(settings));
  const tell = oncePerMinute(alarm, clock);
  let isProven = false;

  const judge = (error: unknown): FailedTry => {
    const judged = judgeFailure(error);
    if (judged.alarm !== undefined && !judged.mayPass) tell({ ...judged.alarm, cause: judged.failure.cause });
    return judged;
  };

  const post = async (body: string, signal: AbortSignal, isAgain = false): Promise<void> => {
    const token = await tokens.get(signal);
    const answer = await requests.send(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: Buffer.from(body),
      signal,
      maxBytes: MAX_ANSWER_BYTES,
    });
    const { status, headers } = answer;
    if (status === 200) return;
    if (status === 401 && !isAgain) {
      // Google may take a token back before its end.
      tokens.discard(token);
      await post(body, signal, true);
      return;
    }
    const retryAfterMillis = retryAfterOf(headers['retry-after'], clock.now());
    throw new ProviderSaidNo(judgeFcmAnswer({ status, body: answer.body, retryAfterMillis }, isProven));
  };

  return {
    serves: (communicationType) => communicationType === TYPE,
    isPulled: false,

    register: async (deviceId) =>
      TOKEN.test(deviceId) ? { status: 'registered', communicationId: addressOf(TYPE, deviceId) } : NO_TOKEN,

    async send({ communicationId, messageId, jwt, expiresAt }) {
      const token = tokenOfAddress(TYPE, communicationId);
      if (token === undefined) return NO_TOKEN;
      const ttlSeconds = Math.max(0, Math.ceil((expiresAt - clock.now()) / 1_000));
      const body = fcmPayload({ messageId, message: jwt }, { token, ttlSeconds });
      return inTries(
        tries,
        async (signal) => {
          await post(body, signal);
          isProven = true;
          return { status: 'sent' } as const;
        },
        judge,
      );
    },

    /** A message to a topic that nobody listens to, and that is only checked: no phone need be known for it. */
    check: () =>
      providerCheck(tries, async (signal) => {
        await post(JSON.stringify({ validate_only: true, message: { topic: 'assent-doctor', data: {} } }), signal);
        return { status: 'right' };
      }),
  };
};
