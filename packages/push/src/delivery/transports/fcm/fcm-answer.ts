import { isObject } from '../../../protocol/index.ts';
import { asCause, jsonOf } from '../provider-answer.ts';
import { deadAddress, providerDown, refusedMessage, wrongSettings } from '../provider-failure.ts';
import type { FailedTry } from '../tries.ts';

export interface FcmAnswer {
  readonly status: number;
  readonly body: Buffer;
  readonly retryAfterMillis: number | undefined;
}

/** Without another word of Google, a quota is there again after a minute. */
const QUOTA_MILLIS = 60_000;

/**
 * What a refusal of FCM means (docs/adr/0067). The status alone does not tell: a project that is not there is 404, too, and a message that
 * is too long is 400 like a token that is none. `isProven` says that Google has taken a message with these settings before.
 */
export const judgeFcmAnswer = (answer: FcmAnswer, isProven: boolean): FailedTry => {
  const { status, retryAfterMillis } = answer;
  const error = readError(answer.body);
  const cause = asCause(error.errorCode ?? error.status ?? `Fcm${status}`);
  if (error.errorCode === 'UNREGISTERED') return deadAddress(cause);
  if (error.errorCode === 'SENDER_ID_MISMATCH') {
    // One token of another project is old; where none was ever right, the project is the wrong one.
    return isProven ? deadAddress(cause) : { ...wrongSettings(cause), alarm: { setting: 'projectId' } };
  }
  if (status === 400) {
    return error.isAboutToken ? deadAddress('INVALID_TOKEN') : { ...refusedMessage(cause), alarm: {} };
  }
  if (status === 401 || status === 403) return { ...wrongSettings(cause), alarm: { setting: 'serviceAccount' } };
  if (status === 404) return { ...wrongSettings(cause), alarm: { setting: 'projectId' } };
  if (status === 429) return providerDown(cause, retryAfterMillis ?? QUOTA_MILLIS);
  if (status >= 500) return providerDown(cause, retryAfterMillis);
  return { ...wrongSettings(cause), alarm: { setting: 'endpoint' } };
};

interface FcmError {
  /** FCM's own code. */
  readonly errorCode: string | undefined;
  /** The code that all of Google's services share. */
  readonly status: string | undefined;
  readonly isAboutToken: boolean;
}

/** `{"error": {"status", "message", "details": [{"@type": …}]}}`; a server before FCM answers with HTML. */
const readError = (body: Buffer): FcmError => {
  const { error } = jsonOf(body);
  if (!isObject(error)) return { errorCode: undefined, status: undefined, isAboutToken: false };
  const details = Array.isArray(error.details) ? error.details.filter(isObject) : [];
  const ofType = (type: string) => details.filter((it) => String(it['@type']).endsWith(type));
  const errorCode = ofType('FcmError').map((it) => it.errorCode)[0];
  const violations = ofType('BadRequest').flatMap(({ fieldViolations }) =>
    Array.isArray(fieldViolations) ? fieldViolations.filter(isObject) : [],
  );
  const isAboutToken =
    violations.length > 0
      ? violations.every(({ field }) => field === 'message.token')
      : errorCode === 'INVALID_ARGUMENT' && /registration token/i.test(String(error.message));
  return {
    errorCode: typeof errorCode === 'string' ? errorCode : undefined,
    status: typeof error.status === 'string' ? error.status : undefined,
    isAboutToken,
  };
};
