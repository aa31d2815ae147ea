import { X509Certificate } from 'node:crypto';
import type { Passkey } from '../../model/passkey.ts';
import { type Parsed, parsed, refused } from '../../protocol/index.ts';
import type { AttestationPreference } from '../ceremony/registration-options.ts';
import type { PasskeyLibrary } from './passkey-library.ts';
import { PASSKEY_ALGORITHMS } from './public-key.ts';
import { type CborMap, readCbor } from './strict-cbor.ts';
import { type Refused, refuse } from './verification.ts';

/** How much an authenticator has proven about itself: nothing, by the passkey's own key, by a certificate, by one that leads to a trusted root. */
export type AttestationType = Passkey['attestation'];

/** What an authenticator says of itself and its new passkey (WebAuthn Level 3 §6.5.4). */
export interface AttestationObject {
  readonly format: string;
  readonly statement: CborMap;
  readonly authData: Uint8Array;
}

/** Levels of the FIDO Alliance, from none to the highest. */
export type CertificationLevel =
  | 'OFF'
  | 'SELF_ASSERTION_SUBMITTED'
  | 'FIDO_CERTIFIED_L1'
  | 'FIDO_CERTIFIED_L1plus'
  | 'FIDO_CERTIFIED_L2'
  | 'FIDO_CERTIFIED_L2plus'
  | 'FIDO_CERTIFIED_L3'
  | 'FIDO_CERTIFIED_L3plus';

/** What a realm and its journey demand of authenticators. */
export interface AttestationPolicy {
  readonly preference: AttestationPreference;
  /** PEM. Of this realm alone: what another one trusts is nothing to it (WA-21). */
  readonly trustedRoots: readonly string[];
  /** Whether a certificate counts only where it is known that nobody has revoked it. Nobody is asked, so that none counts then. */
  readonly isRevocationEnforced: boolean;
  readonly certificationLevel: CertificationLevel;
}

/** Reads an attestation object; three members, and no fourth. Never throws. */
export function readAttestationObject(bytes: Uint8Array): Parsed<AttestationObject, 'attestationObject'> {
  const read = readCbor(bytes);
  if (!read.ok || !(read.value instanceof Map)) return refused('attestationObject');
  const object = read.value as CborMap;
  const [format, statement, authData] = [object.get('fmt'), object.get('attStmt'), object.get('authData')];
  if (object.size !== 3 || typeof format !== 'string') return refused('attestationObject');
  if (!(statement instanceof Map) || !(authData instanceof Uint8Array)) return refused('attestationObject');
  return parsed({ format, statement: statement as CborMap, authData });
}

const FORMATS: ReadonlySet<string> = new Set([
  'none',
  'packed',
  'fido-u2f',
  'apple',
  'tpm',
  'android-key',
  'android-safetynet',
]);

/** Why an attestation is not looked into at all; undefined where the library is to judge it (spec: webauthn §5.3). */
export function policyRefusal(
  { format, statement }: AttestationObject,
  algorithm: number,
  { preference, certificationLevel }: AttestationPolicy,
): Refused | undefined {
  if (!FORMATS.has(format)) return refuse('attestationFormat', 'unknown format');
  // Without the metadata of the FIDO Alliance nobody has a level, and no format is an exception (WA-22).
  if (certificationLevel !== 'OFF') return refuse('certificationLevel', 'no metadata to look a level up in');
  const isDirect = preference === 'direct';
  if (format === 'none' && isDirect) return refuse('attestationFormat', 'direct attestation required');
  if (format === 'none' && statement.size > 0) return refuse('attestation', 'a statement of none');
  // Google has retired the service; what it once signed is no proof for somebody who asks for one.
  if (format === 'android-safetynet' && isDirect) return refuse('attestationFormat', 'android-safetynet is retired');
  if (format === 'packed' && statement.has('ecdaaKeyId')) return refuse('attestationFormat', 'ECDAA');
  if (format === 'fido-u2f' && algorithm !== PASSKEY_ALGORITHMS.ES256)
    return refuse('attestation', 'fido-u2f knows ES256 alone');
  return statement.has('x5c') && readChain(statement) === undefined ? refuse('attestation', 'x5c') : undefined;
}

/** What an attestation that the library has accepted proves. */
export async function attestationType(
  { format, statement }: AttestationObject,
  { trustedRoots, isRevocationEnforced }: AttestationPolicy,
  library: PasskeyLibrary,
): Promise<AttestationType> {
  if (format === 'none') return 'NONE';
  if (format === 'android-safetynet') return 'BASIC';
  const chain = readChain(statement);
  if (chain === undefined) return 'SELF';
  // A list of revoked certificates stands at an address that the certificate itself names: nothing is fetched from there.
  if (isRevocationEnforced) return 'BASIC';
  return (await isTrusted(chain, trustedRoots, library)) ? 'CA' : 'BASIC';
}

/** A chain of attestation has two or three. */
const MAX_CERTIFICATES = 8;

function readChain(statement: CborMap): readonly X509Certificate[] | undefined {
  const list = statement.get('x5c');
  if (!Array.isArray(list) || list.length === 0 || list.length > MAX_CERTIFICATES) return undefined;
  // A text is no certificate here, though it may be one to whoever parses PEM.
  if (!list.every((der) => der instanceof Uint8Array)) return undefined;
  try {
    return list.map((der) => new X509Certificate(der));
  } catch {
    return undefined;
  }
}

/**
 * Whether certificates lead to a root of the realm. A root that they bring themselves is left out and proves nothing (WA-21), and whatever
 * stands between the leaf and the root has to be an authority: a leaf that was stolen signs no other one.
 */
async function isTrusted(
  certificates: readonly X509Certificate[],
  trustedRoots: readonly string[],
  library: PasskeyLibrary,
): Promise<boolean> {
  const last = certificates.at(-1);
  const isRootBrought = certificates.length > 1 && last?.checkIssued(last) === true;
  const chain = isRootBrought ? certificates.slice(0, -1) : certificates;
  const top = chain.at(-1);
  if (top === undefined || chain.slice(1).some(({ ca }) => !ca)) return false;
  for (const root of trustedRoots) {
    if (!hasIssued(root, top)) continue;
    const verdict = await library.judgeChain({ certificates: chain.map(({ raw }) => raw), root });
    if (verdict.accepted) return true;
  }
  return false;
}

/** By its names alone, so that the library is asked about roots that may be the one. */
const hasIssued = (root: string, certificate: X509Certificate): boolean => {
  try {
    const authority = new X509Certificate(root);
    return authority.ca && certificate.checkIssued(authority);
  } catch {
    return false;
  }
};
