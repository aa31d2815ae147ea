import { signJsonHs256 } from '../jose/index.ts';
import { isOwnPhone, type PushDevice } from '../model/devices.ts';
import type { PushEnvelope } from '../model/messages.ts';
import type { PushRequestOptions } from '../model/push-messages.ts';
import {
  type CommunicationType,
  cleanText,
  fitToProvider,
  isReadOnTheWay,
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

/** AM's limit for the custom attributes (spec/push-protocol.md §3.1). */
const MAX_PAYLOAD_BYTES = 3 * 1_024;

export const isTooLarge = (payload: PushRequestOptions['payload']): boolean =>
  Buffer.byteLength(JSON.stringify(payload)) > MAX_PAYLOAD_BYTES;

/** As much of a request as its messages say. */
export type SaidToPhone = Omit<PushRequestOptions, 'identity' | 'devices' | 'waitForProvider'> & {
  readonly identity: Pick<PushRequestOptions['identity'], 'username'>;
};

/** The signed message to one phone, and what had to go so that it fits what the phone's provider carries. */
export function signedEnvelope(
  { dependencies: { loadBalancerCookie }, unit }: RequestContext,
  { identity, text, namelessText, user, pushType, timeoutMillis, payload, context }: SaidToPhone,
  device: PushDevice,
  { id, challenge, number, createdAt, expiresAt }: RequestToPhone,
): { readonly envelope: PushEnvelope; readonly lost: readonly string[] } {
  const communicationType = device.communicationType as CommunicationType;
  const { nameInPushMessages } = unit.realm;
  const isNamed = nameInPushMessages || !isReadOnTheWay(communicationType) || !text.includes('{{user}}');
  const claims = pushClaims({
    mechanismUid: device.mechanismUid,
    challenge,
    loadBalancerCookie,
    text: messageText(isNamed ? text : namelessText, { user, issuer: device.issuer }),
    pushType,
    createdAt,
    messageTimeout: lifetimeOf(timeoutMillis),
    userId: nameInPushMessages ? identity.username : undefined,
    customAttributes: payload,
    context: context && cleanContext(context),
    digits: isOwnPhone(device) ? number?.digits : undefined,
    choices: isOwnPhone(device) ? undefined : number?.tap?.choices,
  });
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

/** What a browser says of itself goes onto a phone's screen (SEC-14); of where it is, the town is enough (security-reliability §7 "Minimisation"). */
const cleanContext = ({ remoteIp, userAgent, location }: NonNullable<PushRequestOptions['context']>) => ({
  remoteIp: remoteIp && cleanText(remoteIp),
  userAgent: userAgent && cleanText(userAgent),
  location: location && { latitude: toTown(location.latitude), longitude: toTown(location.longitude) },
});

/** To a hundredth of a degree, which is about a kilometre. */
const toTown = (degrees: number): number => Math.round(degrees * 100) / 100;
