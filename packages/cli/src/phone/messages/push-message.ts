import {
  type DeliveredMessage,
  type Delivery,
  decodeBase64,
  MAX_JWT_LENGTH,
  type PushContext,
  type PushProblem,
  type PushType,
  parseDeliveries,
  parsePushClaims,
  peekClaims,
} from '@assent/push/protocol';
import type { PushAccount } from '../account/account-store.ts';
import { PERSONAS, type Persona } from '../account/personas.ts';
import { PhoneError } from '../account/phone-error.ts';
import { isSignedBySharedKey } from './phone-keys.ts';
import { isHeaderText } from './setup-code.ts';

/** A verified request to sign in. */
export interface PushRequest {
  readonly messageId: string;
  readonly account: PushAccount;
  readonly challenge: Uint8Array;
  readonly message: string;
  readonly pushType: Lowercase<PushType>;
  /** How many digits to type; only our own phone is asked to type. */
  readonly digits: number | undefined;
  readonly choices: readonly string[] | undefined;
  /** Milliseconds, by the server's clock. */
  readonly sentAt: number;
  readonly expiresAt: number;
  readonly context: PushContext | undefined;
  readonly loadBalancerCookie: string | undefined;
  readonly userId: string | undefined;
}

const DAY_MILLIS = 86_400_000;

/** What is wrong with a request that its server did sign. */
const PROBLEMS: Readonly<Record<PushProblem, string>> = {
  'not-claims': 'cannot be read',
  'not-text': 'has a claim that is not text, which this kind of phone cannot read',
  'no-mechanism': 'does not say which account it is for',
  lifetime: 'has a lifetime that makes no sense',
  time: 'comes from the future',
  challenge: 'has no challenge of 32 bytes',
  'no-cookie': 'lacks the cookie ("l") without which this kind of phone drops it',
  type: 'is of a type that this kind of phone does not know',
  digits: 'asks for a number of a length that makes no sense',
  choices: 'has choices that are not numbers',
  'no-number': 'came without a number to match',
};

/** Finds the messages in a provider payload (GCM, FCM v1, APNs), an SNS publish that wraps them, or a relay item. */
export function readDeliveries(text: string): readonly Delivery[] {
  const found = parseDeliveries(text);
  if (found.length === 0) {
    throw new PhoneError(
      'MESSAGE_UNREADABLE',
      'This file holds no message for a phone.',
      'pass the JSON that the push provider was given',
    );
  }
  return found;
}

/** Picks the delivery that this account's kind of phone would be handed. */
export function deliveryFor(deliveries: readonly Delivery[], persona: Persona): Delivery | undefined {
  // Our own phone takes whatever it is given; the official ones read only their provider's form.
  return (
    deliveries.find(({ via }) => via === persona.communicationType) ??
    (persona.hasDeviceKey ? deliveries[0] : undefined)
  );
}

/** The account that a message says it is for; decided before anything in it is trusted. */
export function accountOf(jwt: string, accounts: readonly PushAccount[]): PushAccount | undefined {
  const claims = peekClaims(jwt);
  return claims.ok ? accounts.find(({ mechanismUid }) => mechanismUid === claims.value.u) : undefined;
}

/** Verifies a message: signature, then what it says, its freshness, and duplicates, before any display or state (SEC-28, A165). */
export function openMessage(
  { messageId, message: jwt }: DeliveredMessage,
  account: PushAccount,
  nowMillis: number,
): PushRequest {
  if (jwt.length > MAX_JWT_LENGTH) throw badMessage('is too long');
  const key = decodeBase64(account.key);
  const claims = key !== undefined && isSignedBySharedKey(jwt, key) ? peekClaims(jwt) : undefined;
  if (claims === undefined)
    throw new PhoneError('BAD_SIGNATURE', 'This request was not signed by the server of this account.');
  if (!claims.ok || claims.value.u !== account.mechanismUid)
    throw new PhoneError('UNKNOWN_MECHANISM', 'This request is for another account.');
  const read = parsePushClaims(claims.value, PERSONAS[account.persona].push);
  if (!read.ok) throw badMessage(PROBLEMS[read.reason]);

  const push = read.value;
  const serverNow = nowMillis + account.clockOffsetMillis;
  const sentAt = push.createdAt ?? serverNow;
  if (sentAt > serverNow + DAY_MILLIS) throw badMessage(PROBLEMS.time);
  const expiresAt = sentAt + push.lifetimeSeconds * 1000;
  if (serverNow > expiresAt) throw new PhoneError('EXPIRED', 'This request has run out.', 'start the sign-in again');
  if (account.answered.some((answered) => answered.messageId === messageId))
    throw new PhoneError('ALREADY_ANSWERED', 'This request was answered before.', 'start the sign-in again');
  return {
    messageId,
    account,
    challenge: push.challenge,
    message: push.text ?? '',
    pushType: push.pushType.toLowerCase() as PushRequest['pushType'],
    digits: push.digits,
    choices: push.choices?.map(String),
    sentAt,
    expiresAt,
    context: push.context,
    loadBalancerCookie: isHeaderText(push.loadBalancerCookie) ? push.loadBalancerCookie : undefined,
    userId: account.userId ?? push.userId,
  };
}

function badMessage(problem: string): PhoneError {
  return new PhoneError('BAD_MESSAGE', `This request ${problem}.`);
}
