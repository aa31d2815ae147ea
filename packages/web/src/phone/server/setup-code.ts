import {
  isObject,
  type OathParameters,
  parseSetupCode,
  relayUrl,
  type ScannedRegistration,
} from '@assent/push/protocol';

/** What a setup code is good for, once this phone has agreed to read it. It holds secrets: memory only. */
export interface SetupCode {
  readonly issuer: string;
  readonly account: string;
  /** `#rrggbb` */
  readonly colour: string | undefined;
  readonly push: PushSetup | undefined;
  readonly oath: OathParameters | undefined;
}

/** The half that lets the phone answer sign-ins. */
export interface PushSetup {
  readonly scanned: ScannedRegistration;
  readonly relayUrl: string;
  readonly demandsVerification: boolean;
}

/** Why a text is not taken as a setup code. @see ux.md §3.2 "Scan" */
export type SetupRefusal =
  | { readonly kind: 'not-a-code' }
  | { readonly kind: 'damaged' }
  | { readonly kind: 'other-server'; readonly host: string };

/** The code, or why not. */
export type ReadSetupCode = { readonly code: SetupCode } | { readonly refusal: SetupRefusal };

/**
 * Reads what was scanned, pasted or linked. Codes to answer sign-ins must lead to `ownOrigin`: this page talks to nobody
 * else (SEC-29). Codes for one-time codes alone never talk, so any issuer's is good.
 */
export const readSetupCode = (text: string, ownOrigin: string): ReadSetupCode => {
  const read = parseSetupCode(text.trim());
  if (!read.ok) return { refusal: { kind: read.reason === 'other-scheme' ? 'not-a-code' : 'damaged' } };
  if (read.value.scheme === 'otpauth') {
    const { issuer, account, backgroundColor, oath } = read.value;
    return { code: { issuer, account, colour: colourOf(backgroundColor), push: undefined, oath } };
  }
  const scanned = read.value.push;
  const { origin, host } = new URL(scanned.registerUrl);
  if (origin !== ownOrigin) return { refusal: { kind: 'other-server', host } };
  const relay = relayUrl(scanned.registerUrl);
  if (relay === undefined) return { refusal: { kind: 'damaged' } };
  return {
    code: {
      issuer: scanned.issuer,
      account: scanned.account,
      colour: colourOf(scanned.backgroundColor),
      push: { scanned, relayUrl: relay, demandsVerification: demandsVerification(scanned.policies) },
      oath: read.value.scheme === 'mfauth' ? read.value.oath : undefined,
    },
  };
};

const colourOf = (digits: string | undefined): string | undefined => (digits === undefined ? undefined : `#${digits}`);

/** The one policy that a browser can keep; the others speak of the operating system. @see push-protocol.md §1.6 */
const demandsVerification = (policies: string | undefined): boolean => {
  try {
    const value: unknown = JSON.parse(policies ?? 'null');
    return isObject(value) && Object.hasOwn(value, 'biometricAvailable');
  } catch {
    return false;
  }
};
