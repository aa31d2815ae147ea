import { signJsonHs256 } from '../jose/index.ts';
import { isOwnPhone, type PushDevice } from '../model/devices.ts';
import type { PushEnvelope } from '../model/messages.ts';
import type { PushRequestOptions } from '../model/push-messages.ts';
import {
  type CommunicationType,
  cleanText,
  fitToProvider,
  messageText,
  type NumberChallenge,
  pushClaims,
  shownText,
} from '../protocol/index.ts';
import { lifetimeOf, type RequestContext } from './request-context.ts';

/** What a request is to one of the phones. */
export interface RequestToPhone {
  readonly id: string;
  /** Id of the message to the first phone. */
  readonly request: string;
  readonly challenge: Uint8Array;
  readonly number: NumberChallenge | undefined;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** The signed message to one phone, and what had to go so that it fits what the phone's provider carries. */
export function signedEnvelope(
  { dependencies: { loadBalancerCookie } }: RequestContext,
  { identity, text, user, pushType, timeoutMillis, payload, context }: PushRequestOptions,
  device: PushDevice,
  { id, challenge, number, createdAt, expiresAt }: RequestToPhone,
): { readonly envelope: PushEnvelope; readonly lost: readonly string[] } {
  const claims = pushClaims({
    mechanismUid: device.mechanismUid,
    challenge,
    loadBalancerCookie,
    text: messageText(text, { user, issuer: device.issuer }),
    pushType,
    createdAt,
    messageTimeout: lifetimeOf(timeoutMillis),
    userId: identity.username,
    customAttributes: payload,
    context: context && cleanContext(context),
    digits: isOwnPhone(device) ? number?.digits : undefined,
    choices: isOwnPhone(device) ? undefined : number?.tap?.choices,
  });
  const communicationType = device.communicationType as CommunicationType;
  const fitted = fitToProvider(claims, { messageId: id, pushType, communicationType });
  const envelope: PushEnvelope = {
    communicationType,
    communicationId: device.communicationId,
    messageId: id,
    jwt: signJsonHs256(fitted.json, device.secret),
    text: shownText(fitted.claims),
    pushType,
    expiresAt,
  };
  return { envelope, lost: fitted.dropped };
}

/** What a browser says of itself goes onto a phone's screen (SEC-14). */
const cleanContext = ({ remoteIp, userAgent, location }: NonNullable<PushRequestOptions['context']>) => ({
  remoteIp: remoteIp && cleanText(remoteIp),
  userAgent: userAgent && cleanText(userAgent),
  location,
});
