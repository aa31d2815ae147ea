import { asCause, jsonOf } from '../provider-answer.ts';
import { deadAddress, providerDown, refusedMessage, wrongSettings } from '../provider-failure.ts';
import type { FailedTry } from '../tries.ts';

export interface ApnsRefusal {
  readonly status: number;
  readonly body: Buffer;
  readonly retryAfterMillis: number | undefined;
}

/** The token is of another app, or of the other environment. */
const ANOTHER_TOKEN = new Map([
  ['BadDeviceToken', 'sandbox'],
  ['DeviceTokenNotForTopic', 'topic'],
]);

/** The setting to look at where Apple does not want the provider. */
const SETTINGS = new Map([
  ['InvalidProviderToken', 'key'],
  ['MissingProviderToken', 'key'],
  ['ExpiredProviderToken', 'key'],
  ['UnrelatedKeyIdInToken', 'keyId'],
  ['BadEnvironmentKeyIdInToken', 'sandbox'],
  ['BadTopic', 'topic'],
  ['MissingTopic', 'topic'],
  ['TopicDisallowed', 'topic'],
]);

/**
 * What a refusal of APNs means (docs/adr/0067), by its reason before its status. `isProven` says that Apple has taken a message with these
 * settings before.
 */
export const judgeApnsRefusal = ({ status, body, retryAfterMillis }: ApnsRefusal, isProven: boolean): FailedTry => {
  const { reason } = jsonOf(body);
  const cause = asCause(reason ?? `Apns${status}`);
  if (status === 410) return deadAddress(cause);
  const suspect = ANOTHER_TOKEN.get(cause);
  if (suspect !== undefined) {
    // One such token is old; where none was ever right, the environment or the topic is the wrong one.
    return isProven ? deadAddress(cause) : { ...wrongSettings(cause), alarm: { setting: suspect } };
  }
  // One phone that gets too many says nothing of Apple.
  if (cause === 'TooManyRequests') return { ...forPhoneAlone(cause, retryAfterMillis), mayPass: true };
  if (status === 429 || status >= 500 || cause === 'IdleTimeout') return providerDown(cause, retryAfterMillis);
  const setting = SETTINGS.get(cause);
  if (status === 403 || setting !== undefined) return { ...wrongSettings(cause), alarm: { setting: setting ?? 'key' } };
  if (status === 400 || status === 413) return { ...refusedMessage(cause), alarm: {} };
  return { ...wrongSettings(cause), alarm: { setting: 'endpoint' } };
};

const forPhoneAlone = (cause: string, retryAfterMillis: number | undefined): Pick<FailedTry, 'failure'> => ({
  failure: {
    status: 'failed',
    permanent: false,
    cause,
    blame: 'address',
    ...(retryAfterMillis !== undefined && { retryAfterMillis }),
  },
});
