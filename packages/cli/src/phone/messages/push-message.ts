import {
  type Claims,
  decodeBase64,
  decodeText,
  isObject,
  MAX_JWT_LENGTH,
  type PushContext,
} from '@assent/push/protocol';
import type { PushAccount } from '../account/account-store.ts';
import { PERSONAS, type Persona } from '../account/personas.ts';
import { PhoneError } from '../account/phone-error.ts';
import { jsonObject } from './json-object.ts';
import { isSignedBySharedKey, peekClaims } from './phone-keys.ts';
import { isHeaderText } from './setup-code.ts';

/** One message as a provider or the relay hands it over, still unverified. */
export interface Envelope {
  readonly via: 'gcm' | 'apns' | 'relay';
  readonly messageId: string;
  readonly jwt: string;
}

/** A verified request to sign in. */
export interface PushRequest {
  readonly messageId: string;
  readonly account: PushAccount;
  readonly challenge: Uint8Array;
  readonly message: string;
  readonly pushType: 'default' | 'challenge' | 'biometric';
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
const DEFAULT_SECONDS = 120;

/** Finds the message in a provider payload (GCM, FCM v1, APNs), an SNS publish that wraps them, or a relay item. */
export function readEnvelopes(text: string): readonly Envelope[] {
  const value = text.length > 65_536 ? undefined : jsonObject(text);
  const found = value === undefined ? [] : [...envelopesIn(value)];
  if (found.length === 0) {
    throw new PhoneError(
      'MESSAGE_UNREADABLE',
      'This file holds no message for a phone.',
      'pass the JSON that the push provider was given',
    );
  }
  return found;
}

function* envelopesIn(value: Claims): Generator<Envelope> {
  const data = objectOf(value.data) ?? objectOf(objectOf(value.message)?.data);
  if (data !== undefined) yield* envelope('gcm', data.messageId, data.message);
  const aps = objectOf(value.aps);
  if (aps !== undefined) {
    // PI reads the top level, I4 the `aps` object; both hold the same values (push-protocol.md 3.4).
    yield* envelope('apns', aps.messageId ?? value.messageId, aps.data ?? value.message);
  } else {
    yield* envelope('relay', value.messageId, value.message);
  }
  for (const wrapped of [value.GCM, value.APNS]) {
    const inner = typeof wrapped === 'string' ? jsonObject(wrapped) : undefined;
    if (inner !== undefined) yield* envelopesIn(inner);
  }
}

function* envelope(via: Envelope['via'], messageId: unknown, jwt: unknown): Generator<Envelope> {
  if (isMessageId(messageId) && typeof jwt === 'string') yield { via, messageId, jwt };
}

/** True for a text that can be used to tell messages apart. */
export function isMessageId(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]{1,256}$/.test(value);
}

/** Picks the envelope that this account's kind of phone would be handed. */
export function envelopeFor(envelopes: readonly Envelope[], persona: Persona): Envelope | undefined {
  // Our own phone takes whatever it is given; the official ones read only their provider's form.
  return (
    envelopes.find(({ via }) => via === persona.communicationType) ?? (persona.hasDeviceKey ? envelopes[0] : undefined)
  );
}

/** The account that a message says it is for; decided before anything in it is trusted. */
export function accountOf(jwt: string, accounts: readonly PushAccount[]): PushAccount | undefined {
  const uid = jwt.length > MAX_JWT_LENGTH ? undefined : peekClaims(jwt)?.u;
  return accounts.find((account) => account.mechanismUid === uid);
}

/** Verifies a message: signature, then freshness, then duplicates, before any display or state (SEC-28, A165). */
export function openMessage(envelope: Envelope, account: PushAccount, nowMillis: number): PushRequest {
  const persona = PERSONAS[account.persona];
  const serverNow = nowMillis + account.clockOffsetMillis;
  const key = decodeBase64(account.key);
  if (envelope.jwt.length > MAX_JWT_LENGTH) throw badMessage('is too long');
  if (key === undefined || !isSignedBySharedKey(envelope.jwt, key)) {
    throw new PhoneError('BAD_SIGNATURE', 'This request was not signed by the server of this account.');
  }
  const claims = peekClaims(envelope.jwt) ?? {};
  if (claims.u !== account.mechanismUid)
    throw new PhoneError('UNKNOWN_MECHANISM', 'This request is for another account.');
  if (persona.pushClaimsMustBeText && Object.values(claims).some((value) => typeof value !== 'string')) {
    throw badMessage('has a claim that is not text, which this kind of phone cannot read');
  }

  const seconds = whole(claims.t) ?? (claims.t === undefined ? DEFAULT_SECONDS : Number.NaN);
  if (!(seconds >= 1 && seconds * 1000 <= DAY_MILLIS)) throw badMessage('has a lifetime that makes no sense');
  const sentAt = whole(claims.i) ?? (claims.i === undefined ? serverNow : Number.NaN);
  if (!(sentAt <= serverNow + DAY_MILLIS)) throw badMessage('comes from the future');
  const expiresAt = sentAt + seconds * 1000;
  if (serverNow > expiresAt) throw new PhoneError('EXPIRED', 'This request has run out.', 'start the sign-in again');
  if (account.answered.some(({ messageId }) => messageId === envelope.messageId)) {
    throw new PhoneError('ALREADY_ANSWERED', 'This request was answered before.', 'start the sign-in again');
  }

  const challenge = typeof claims.c === 'string' ? decodeBase64(claims.c) : undefined;
  if (challenge?.length !== 32) throw badMessage('has no challenge of 32 bytes');
  const cookie = typeof claims.l === 'string' ? decodeText(claims.l) : undefined;
  if (persona.needsCookieInPush && !cookie)
    throw badMessage('lacks the cookie ("l") without which this kind of phone drops it');

  return {
    messageId: envelope.messageId,
    account,
    challenge,
    message: typeof claims.m === 'string' ? claims.m : '',
    pushType: pushTypeOf(claims.k, persona),
    digits: digitsOf(claims.x_len, persona),
    choices: choicesOf(claims.n),
    sentAt,
    expiresAt,
    context: contextOf(claims.x),
    loadBalancerCookie: isHeaderText(cookie) ? cookie : undefined,
    userId: account.userId ?? (typeof claims.d === 'string' && claims.d !== '' ? claims.d : undefined),
  };
}

function pushTypeOf(claim: unknown, persona: Persona): PushRequest['pushType'] {
  const text = typeof claim === 'string' ? claim : '';
  const type = persona.pushTypeIgnoresCase ? text.toLowerCase() : text;
  if (type === 'challenge' || type === 'biometric' || type === 'default') return type;
  if (claim !== undefined && persona.unknownPushTypeFails)
    throw badMessage('is of a type that this kind of phone does not know');
  return 'default';
}

function digitsOf(claim: unknown, persona: Persona): number | undefined {
  if (!persona.hasDeviceKey || claim === undefined) return undefined;
  const digits = whole(claim);
  // design.md 3.3: an answer carries one to eight digits; fewer than two would be no check.
  if (digits === undefined || digits < 2 || digits > 8)
    throw badMessage('asks for a number of a length that makes no sense');
  return digits;
}

function choicesOf(claim: unknown): readonly string[] | undefined {
  if (typeof claim !== 'string') return undefined;
  const choices = claim.split(',').map((choice) => choice.trim());
  if (choices.length > 20 || !choices.every((choice) => /^\d{1,8}$/.test(choice)))
    throw badMessage('has choices that are not numbers');
  return choices;
}

function contextOf(claim: unknown): PushContext | undefined {
  const value = typeof claim === 'string' ? jsonObject(claim) : undefined;
  if (value === undefined) return undefined;
  const place = objectOf(value.location);
  return {
    ...(typeof value.remoteIp === 'string' ? { remoteIp: value.remoteIp } : {}),
    ...(typeof value.userAgent === 'string' ? { userAgent: value.userAgent } : {}),
    ...(typeof place?.latitude === 'number' && typeof place.longitude === 'number'
      ? { location: { latitude: place.latitude, longitude: place.longitude } }
      : {}),
  };
}

/** A whole number as a client reads it: text in official pushes, a JSON number tolerated. */
function whole(claim: unknown): number | undefined {
  if (typeof claim === 'number') return Number.isSafeInteger(claim) && claim >= 0 ? claim : undefined;
  return typeof claim === 'string' && /^\d{1,15}$/.test(claim) ? Number(claim) : undefined;
}

const objectOf = (value: unknown): Claims | undefined => (isObject(value) ? value : undefined);

function badMessage(problem: string): PhoneError {
  return new PhoneError('BAD_MESSAGE', `This request ${problem}.`);
}
