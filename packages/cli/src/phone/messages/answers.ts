import type { JsonWebKey } from 'node:crypto';
import {
  authenticationClaims,
  type Claims,
  type DenyReason,
  parseEcPublicJwk,
  registrationClaims,
} from '@assent/push/protocol';
import type { PushAccount } from '../account/account-store.ts';
import { PERSONAS, type Persona } from '../account/personas.ts';
import { PhoneError } from '../account/phone-error.ts';
import { answerChallenge, signWithDeviceKey, signWithSharedKey } from './phone-keys.ts';
import type { PushRequest } from './push-message.ts';
import type { PushSetupCode } from './setup-code.ts';

/** Why a person denies; only our own phone can say it (design.md 3.1). */
export const DENY_REASONS: readonly DenyReason[] = ['not_me', 'cancelled', 'other'];

/** What the person decided. */
export type Decision =
  | { readonly kind: 'approve'; readonly number?: string }
  | { readonly kind: 'deny'; readonly reason: DenyReason };

/** When and under which id our own phone signs. */
export interface JwtIdentity {
  /** Milliseconds, by the server's clock. */
  readonly nowMillis: number;
  readonly jti: string;
}

/** The phone as it introduces itself. */
export interface DeviceIdentity {
  readonly mechanismUid: string;
  readonly deviceId: string;
  readonly deviceName: string;
  readonly deviceKey?: JsonWebKey;
}

/** The body of the registration message (push-protocol.md 2.1, design.md 3.1). */
export function registrationBody(code: PushSetupCode, device: DeviceIdentity, persona: Persona): string {
  const xKey = parseEcPublicJwk(device.deviceKey && publicPart(device.deviceKey));
  const claims = registrationClaims({
    deviceId: device.deviceId,
    deviceName: device.deviceName,
    deviceType: persona.deviceType,
    communicationType: persona.communicationType,
    mechanismUid: device.mechanismUid,
    response: answerChallenge(code.key, code.challenge),
    ...(xKey !== undefined && { xKey }),
  });
  return JSON.stringify({
    messageId: code.messageId,
    jwt: signWithSharedKey(code.key, claims),
    ...userIdMember(persona, code.userId),
  });
}

/** The body of an answer (push-protocol.md 4.1). */
export function answerBody(request: PushRequest, decision: Decision, identity: JwtIdentity): string {
  const { account } = request;
  const persona = PERSONAS[account.persona];
  const response = answerChallenge(Buffer.from(account.key, 'base64'), request.challenge);
  const { nowMillis, jti } = identity;
  // A device with a key of its own says which message it answers, and when (SEC-33).
  const bound = account.deviceKey && { iat: Math.floor(nowMillis / 1_000), jti, mid: request.messageId };
  const claims = authenticationClaims({
    response,
    ...(decision.kind === 'approve'
      ? decision.number !== undefined && { number: decision.number }
      : { deny: true, ...(persona.hasDeviceKey && { reason: decision.reason }) }),
    ...(bound && { bound }),
  });
  const nullNumber = decision.kind === 'deny' && persona.denyHasNullNumber && request.pushType === 'challenge';
  return JSON.stringify({
    messageId: request.messageId,
    jwt: signAs(account, nullNumber ? { ...claims, challengeResponse: null } : claims),
    ...userIdMember(persona, request.userId),
  });
}

/** The body that tells the server a new delivery token (push-protocol.md 5). */
export function refreshBody(account: PushAccount, deviceId: string, identity: JwtIdentity): string {
  const persona = PERSONAS[account.persona];
  const claims: Claims = {
    deviceId,
    deviceName: account.deviceName,
    deviceType: persona.deviceType,
    communicationType: persona.communicationType,
    ...(persona.refreshClaimsMechanismUid ? { mechanismUid: account.mechanismUid } : {}),
  };
  return JSON.stringify({
    mechanismUid: account.mechanismUid,
    ...(account.userId === undefined ? {} : { [persona.refreshUserMember]: account.userId }),
    jwt: signAs(
      account,
      account.deviceKey ? { ...claims, iat: Math.floor(identity.nowMillis / 1_000), jti: identity.jti } : claims,
    ),
  });
}

/** The bearer token for the relay; its audience is the relay's address without query (design.md 3.1). */
export function relayToken(account: PushAccount, relayUrl: string, identity: JwtIdentity): string {
  const claims: Claims = {
    iat: Math.floor(identity.nowMillis / 1000),
    jti: identity.jti,
    mechanismUid: account.mechanismUid,
    aud: relayUrl,
  };
  return signAs(account, claims);
}

/** Checks a typed or chosen number against the request, forgiving blanks and dashes (ux.md 1.1). */
export function numberFor(request: PushRequest, typed: string | undefined): string | undefined {
  if (request.pushType !== 'challenge') {
    if (typed !== undefined) throw wrongNumber('This request has no number.', 'leave out --number');
    return undefined;
  }
  const { digits, choices } = request;
  if (digits === undefined && choices === undefined) {
    throw new PhoneError('BAD_MESSAGE', 'This request came without a number to match, so it can only be denied.');
  }
  if (typed === undefined) {
    throw new PhoneError('NUMBER_MISSING', 'This request needs the number that the screen shows.', 'add --number N');
  }
  const number = typed.replace(/[\s-]/g, '');
  if (digits !== undefined) {
    if (!/^\d+$/.test(number) || number.length !== digits)
      throw wrongNumber(`The number has ${digits} digits.`, `type all ${digits} digits`);
    return number;
  }
  if (choices?.includes(number) !== true)
    throw wrongNumber('The number is not one of the choices.', `choose from ${choices?.join(', ')}`);
  return number;
}

function wrongNumber(message: string, hint: string): PhoneError {
  return new PhoneError('NUMBER_WRONG_SHAPE', message, hint);
}

/** A device with a key of its own never goes back to the shared one (SEC-10). */
const signAs = ({ deviceKey, key }: PushAccount, claims: Claims): string =>
  deviceKey === undefined
    ? signWithSharedKey(Buffer.from(key, 'base64'), claims)
    : signWithDeviceKey(deviceKey, claims);

function userIdMember(persona: Persona, userId: string | undefined): { readonly userId?: string } {
  return persona.userIdInBody && userId !== undefined ? { userId } : {};
}

/** The private half would make it a key that has travelled. */
const publicPart = ({ kty, crv, x, y }: JsonWebKey): JsonWebKey => ({ kty, crv, x, y }) as JsonWebKey;
