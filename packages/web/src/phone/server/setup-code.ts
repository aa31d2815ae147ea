import {
  isObject,
  type OathParameters,
  parseCombinedUri,
  parseOathUri,
  parseRegistrationUri,
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
  const uri = text.trim();
  const scheme = /^(pushauth|mfauth|otpauth):\/\//i.exec(uri)?.[1]?.toLowerCase();
  if (scheme === undefined) return { refusal: { kind: 'not-a-code' } };
  if (scheme === 'otpauth') {
    const read = parseOathUri(uri);
    if (!read.ok) return { refusal: { kind: 'damaged' } };
    const { issuer, account, backgroundColor, oath } = read.value;
    return { code: { issuer, account, colour: colourOf(backgroundColor), push: undefined, oath } };
  }
  const combined = scheme === 'mfauth' ? parseCombinedUri(uri) : undefined;
  if (combined?.ok === false) return { refusal: { kind: 'damaged' } };
  const read = combined === undefined ? parseRegistrationUri(uri) : { ok: true as const, value: combined.value.push };
  if (!read.ok) return { refusal: { kind: 'damaged' } };
  const scanned = read.value;
  const { origin, host } = new URL(scanned.registerUrl);
  if (origin !== ownOrigin) return { refusal: { kind: 'other-server', host } };
  const relay = relayUrl(scanned.registerUrl);
  if (relay === undefined) return { refusal: { kind: 'damaged' } };
  const push = { scanned, relayUrl: relay, demandsVerification: demandsVerification(scanned.policies) };
  return {
    code: {
      issuer: scanned.issuer,
      account: scanned.account,
      colour: colourOf(scanned.backgroundColor),
      push,
      oath: combined?.value.oath,
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
