import {
  encodeBase64,
  type OathParameters,
  parseSetupCode as parseCode,
  type ScannedRegistration,
} from '@assent/push/protocol';
import type { OathAccount } from '../account/account-store.ts';
import type { Persona } from '../account/personas.ts';
import { setupCodeRefusal } from './setup-code-refusal.ts';

/** What a phone learns from a setup code that asks it to answer sign-ins (push-protocol.md 1.2, 1.3). */
export interface PushSetupCode {
  readonly kind: 'push';
  /** The one-time-code part of a combined code (`mfauth`). */
  readonly oneTimeCodes: OathSetup | undefined;
  readonly issuer: string;
  readonly accountName: string;
  readonly messageId: string;
  readonly key: Uint8Array;
  readonly challenge: Uint8Array;
  readonly registerUrl: string;
  readonly authenticateUrl: string;
  readonly loadBalancerCookie: string | undefined;
  readonly userId: string | undefined;
  readonly deviceUuid: string | undefined;
}

/** How one-time codes are made (push-protocol.md 1.4). */
export type OathSetup = Pick<
  OathAccount,
  'key' | 'type' | 'hash' | 'digits' | 'periodSeconds' | 'counter' | 'checksumDigit' | 'truncationOffset'
>;

/** A code for one-time codes alone. */
export interface OathSetupCode {
  readonly kind: 'oath';
  readonly issuer: string;
  readonly accountName: string;
  readonly oneTimeCodes: OathSetup;
}

export type SetupCode = PushSetupCode | OathSetupCode;

/** Reads a setup code as the given phone would, or refuses it with the reason (security-reliability.md A166). */
export function parseSetupCode(text: string, persona: Persona): SetupCode {
  const read = parseCode(text.trim(), persona.setupCode);
  if (!read.ok) throw setupCodeRefusal(read);
  const code = read.value;
  switch (code.scheme) {
    case 'pushauth':
      return pushSetup(code.push, undefined, persona);
    case 'mfauth':
      return pushSetup(code.push, oathSetup(code.oath), persona);
    case 'otpauth':
      return { kind: 'oath', issuer: code.issuer, accountName: code.account, oneTimeCodes: oathSetup(code.oath) };
  }
}

function pushSetup(
  scanned: ScannedRegistration,
  oneTimeCodes: OathSetup | undefined,
  { addressesFromRegisterUrl }: Persona,
): PushSetupCode {
  const { registerUrl, authenticateUrl, loadBalancerCookie: cookie } = scanned;
  return {
    kind: 'push',
    oneTimeCodes,
    issuer: scanned.issuer,
    accountName: scanned.account,
    messageId: scanned.messageId,
    key: scanned.secret,
    challenge: scanned.challenge,
    registerUrl: addressesFromRegisterUrl ? withAction(registerUrl, 'register') : registerUrl,
    authenticateUrl: addressesFromRegisterUrl ? withAction(registerUrl, 'authenticate') : authenticateUrl,
    loadBalancerCookie: isHeaderText(cookie) ? cookie : undefined,
    userId: scanned.userId,
    deviceUuid: scanned.deviceUuid,
  };
}

const oathSetup = (oath: OathParameters): OathSetup => ({
  key: encodeBase64(oath.secret),
  type: oath.type,
  hash: oath.type === 'totp' ? oath.hash : 'SHA1',
  digits: oath.digits,
  periodSeconds: oath.type === 'totp' ? oath.periodSeconds : 30,
  counter: oath.type === 'hotp' ? oath.counter : 0,
  checksumDigit: oath.checksumDigit === true,
  truncationOffset: oath.truncationOffset ?? -1,
});

/** True for text that may go into a header as it is; the line break that would start a new header may not. */
export function isHeaderText(text: string | undefined): text is string {
  return text !== undefined && /^[\x20-\x7e]{1,1024}$/.test(text);
}

/** An address with another `_action` and nothing else in its query (push-protocol.md 1.2). */
export function withAction(address: string | URL, action: 'register' | 'authenticate' | 'refresh'): string {
  const url = new URL(address);
  url.search = `?_action=${action}`;
  return url.href;
}
