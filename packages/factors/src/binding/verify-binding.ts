import { isObject } from '@assent/push/protocol';
import type { BoundDeviceJwk } from '../model/bound-device.ts';
import { type ClaimFault, claimFaultOf, type ExpectedClaims } from './claims-of-device.ts';
import { isSignedBy, type JwsFault, readDeviceJws } from './device-jws.ts';
import { type KeyFault, readDeviceKey } from './device-key.ts';

/** Why a device is not bound. */
export type BindingFault = JwsFault | KeyFault | ClaimFault | 'signature';

/** A device that has proven to have the private half of its key. */
export interface VerifiedBinding {
  readonly kid: string;
  readonly key: BoundDeviceJwk;
  /** The name of its package or bundle. */
  readonly applicationId: string;
  /** Certificates that came with the key, in base64, the key's own first; whether they are worth anything, the attestation says. */
  readonly certificates: readonly string[];
}

export type BindingVerification =
  | { readonly ok: true; readonly binding: VerifiedBinding }
  | { readonly ok: false; readonly reason: BindingFault };

/** What an app answers that has made a key for a user (spec: webauthn §7.1 "Verify", §7.3). It throws for nothing that a client sends. */
export async function verifyBinding(text: string, expected: ExpectedClaims): Promise<BindingVerification> {
  // It is a JWS by an algorithm of the list, and names its key.
  const read = readDeviceJws(text);
  if (!read.ok) return read;
  const { header, claims, alg, kid } = read.value;
  // It comes from an app of ours, for this user, and answers what this visit has asked.
  const fault = claimFaultOf(claims, expected);
  if (fault !== undefined) return { ok: false, reason: fault };
  // The key that it brings is public, strong enough, and the one that its header names.
  const key = readDeviceKey(header.jwk, { alg, kid });
  if (!key.ok) return key;
  // Whoever sends it has the private half.
  if (!(await isSignedBy(read.value, key.value))) return { ok: false, reason: 'signature' };
  const certificates = isObject(header.jwk) ? header.jwk.x5c : undefined;
  return {
    ok: true,
    binding: {
      kid,
      key: key.value,
      applicationId: String(claims.iss),
      certificates: Array.isArray(certificates) ? certificates.map(String) : [],
    },
  };
}
