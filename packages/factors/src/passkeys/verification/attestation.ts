import type { X509Certificate } from 'node:crypto';
import { type Parsed, parsed, refused, unlessRefused } from '@assent/push/protocol';
import { readForeignCertificate } from '../../certificates/certificates.ts';
import { keyDescriptionIn, readKeyDescription } from '../../certificates/key-description.ts';
import type { RevocationList } from '../../certificates/revocation-list.ts';
import type { Passkey } from '../../model/passkey.ts';
import type { AttestationPreference } from '../ceremony/registration-options.ts';
import {
  badStatusOf,
  type CertificationLevel,
  levelOf,
  type ModelMetadata,
  reaches,
  rootsOfModel,
} from '../trust/model-metadata.ts';
import { leadsToTrusted } from '../trust/trusted-chain.ts';
import type { PasskeyJudge } from './passkey-library.ts';
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

/** What a journey demands of authenticators. */
export interface AttestationDemands {
  readonly preference: AttestationPreference;
  /** Whether a certificate counts only where it is known that nobody has revoked it. */
  readonly isRevocationEnforced: boolean;
  readonly certificationLevel: CertificationLevel;
}

/** With what a realm knows of authenticators: of that realm alone, what another one trusts is nothing to it (WA-21). */
export interface AttestationPolicy extends AttestationDemands {
  readonly trustedRoots: readonly X509Certificate[];
  /** What the FIDO Alliance says of a model; undefined where nobody knows it, or knows anything. */
  modelOf(aaguid: string): Promise<ModelMetadata | undefined>;
  /** Lists of revoked certificates that may be looked at; asked for where revocation is enforced alone. */
  revocationLists(): Promise<readonly RevocationList[]>;
  readonly now: number;
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

/** RSA over SHA-1, by which older TPMs sign what they say of a key. */
const RS1 = -65_535;

const PACKED_ALGORITHMS: readonly number[] = Object.values(PASSKEY_ALGORITHMS);

/** Why an attestation is not looked into at all; undefined where the library is to judge it (spec: webauthn §5.3). */
export function policyRefusal(
  object: AttestationObject,
  algorithm: number,
  { preference, certificationLevel }: AttestationDemands,
): Refused | undefined {
  const { format, statement } = object;
  if (!FORMATS.has(format)) return refuse('attestationFormat', 'unknown format');
  const isDirect = preference === 'direct';
  if (format === 'none' && isDirect) return refuse('attestationFormat', 'direct attestation required');
  if (format === 'none' && statement.size > 0) return refuse('attestation', 'a statement of none');
  // Google has retired the service; what it once signed is no proof for somebody who asks for one.
  if (format === 'android-safetynet' && isDirect) return refuse('attestationFormat', 'android-safetynet is retired');
  if (format === 'packed' && statement.has('ecdaaKeyId')) return refuse('attestationFormat', 'ECDAA');
  if (format === 'fido-u2f' && algorithm !== PASSKEY_ALGORITHMS.ES256)
    return refuse('attestation', 'fido-u2f knows ES256 alone');
  if (statement.has('x5c') && readChain(statement) === undefined) return refuse('attestation', 'x5c');
  // A level is that of a model, and nothing but a certificate says of which: no format is an exception (WA-22).
  const mayHaveLevel = certificationLevel === 'OFF' || chainOf(object) !== undefined;
  if (!mayHaveLevel) return refuse('certificationLevel', 'no certificate of its model');
  // Its own key has signed it, so by its own algorithm; a certificate's key signs by one that a passkey may have (WA-09).
  const signedBy = statement.get('alg');
  const isKnown = PACKED_ALGORITHMS.some((known) => known === signedBy);
  if (format === 'packed' && !(statement.has('x5c') ? isKnown : signedBy === algorithm))
    return refuse('attestation', 'signed by another algorithm than that of its key');
  return undefined;
}

/** What an attestation that the library has accepted proves of the authenticator; refused where that is less than the level that is asked for. */
export async function provenBy(
  object: AttestationObject,
  aaguid: string,
  policy: AttestationPolicy,
  judge: PasskeyJudge,
): Promise<{ readonly ok: true; readonly value: AttestationType } | Refused> {
  const chain = chainOf(object);
  if (chain === undefined) return parsed(WITHOUT_CHAIN[object.format] ?? 'SELF');
  // No list is read where the certificates themselves say that it is (SEC-69), and none is read twice.
  let lists: Promise<readonly RevocationList[]> | undefined;
  const readLists = () => {
    lists ??= policy.revocationLists();
    return lists;
  };
  const revocationLists = policy.isRevocationEnforced ? readLists : undefined;
  // Windows still sends such statements, so the passkey is made; but a hash with collisions vouches for no authenticator (WA-09).
  const isSound = object.statement.get('alg') !== RS1 && (object.format !== 'android-key' || isHeldByHardware(chain));
  const leadsTo = async (trusted: readonly X509Certificate[]) =>
    isSound && leadsToTrusted(chain, { trusted, revocationLists, now: policy.now }, judge);
  const model = await policy.modelOf(aaguid);
  const isOfModel = model !== undefined && (await leadsTo(rootsOfModel(model)));
  const fault = levelFault(model, isOfModel, policy);
  if (fault !== undefined) return refuse('certificationLevel', fault);
  // What the FIDO Alliance warns of proves nothing, by whosever certificates.
  if (model !== undefined && badStatusOf(model, policy.now) !== undefined) return parsed('BASIC');
  if (isOfModel && model.isHardware) return parsed('CA');
  return parsed((await leadsTo(policy.trustedRoots)) ? 'CA' : 'BASIC');
}

/**
 * Whether an Android phone says of its key that the hardware has made it, for signing alone. The library looks at none of that
 * (WebAuthn Level 3 §8.4), and Google vouches for keys in software, too.
 */
const isHeldByHardware = (chain: readonly X509Certificate[]): boolean => {
  const [own, ...others] = chain.map(({ raw }) => unlessRefused(() => keyDescriptionIn(raw)));
  const said = own && unlessRefused(() => readKeyDescription(own));
  // Where another one is described, a key of the phone has signed what stands before it, whatever it liked.
  if (said === undefined || others.some((contents) => contents !== undefined)) return false;
  const isInHardware = said.attestationSecurityLevel !== 'SOFTWARE' && said.keymasterSecurityLevel !== 'SOFTWARE';
  return isInHardware && said.isGenerated && said.isForSigning;
};

/** Why an authenticator does not have the level that is asked for, though its signature is good (spec: webauthn §5.4, WA-22). */
function levelFault(
  model: ModelMetadata | undefined,
  isOfModel: boolean,
  { certificationLevel, now }: AttestationPolicy,
): string | undefined {
  if (certificationLevel === 'OFF') return undefined;
  if (model === undefined) return 'no metadata of its model';
  const bad = badStatusOf(model, now);
  if (bad !== undefined) return `its model has the status ${bad}`;
  const level = levelOf(model, now);
  if (!reaches(level, certificationLevel)) return `its model has the level ${level}`;
  return isOfModel ? undefined : 'its certificates do not lead to those of its model, or may be revoked';
}

/** Formats in whose statements the library looks at no `x5c`, whatever somebody has put there. */
const WITHOUT_CHAIN: Readonly<Record<string, AttestationType>> = { none: 'NONE', 'android-safetynet': 'BASIC' };

/** The certificates of whoever has signed, by which the library has checked the signature; undefined where there are none. */
const chainOf = ({ format, statement }: AttestationObject): readonly X509Certificate[] | undefined =>
  Object.hasOwn(WITHOUT_CHAIN, format) ? undefined : readChain(statement);

/** A chain of attestation has two or three. */
const MAX_CERTIFICATES = 8;

function readChain(statement: CborMap): readonly X509Certificate[] | undefined {
  const list = statement.get('x5c');
  if (!Array.isArray(list) || list.length === 0 || list.length > MAX_CERTIFICATES) return undefined;
  // A text is no certificate here, though it may be one to whoever parses PEM.
  if (!list.every((der) => der instanceof Uint8Array)) return undefined;
  try {
    const chain = list.map((der) => readForeignCertificate(der));
    return chain.every((certificate) => certificate !== undefined) ? chain : undefined;
  } catch {
    return undefined;
  }
}
