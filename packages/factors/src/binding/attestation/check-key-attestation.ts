import { createPublicKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { sameBytes } from '@assent/push/jose';
import { decodeBase64, unlessRefused } from '@assent/push/protocol';
import { isInTime, plainSerial, readForeignCertificate } from '../../certificates/certificates.ts';
import { type KeyDescription, keyDescriptionIn, readKeyDescription } from '../../certificates/key-description.ts';
import type { BoundDeviceJwk } from '../../model/bound-device.ts';

/** Why a key does not count as one that a device keeps. */
export type AttestationFault =
  | 'noCertificates'
  | 'certificates'
  | 'chain'
  | 'untrusted'
  | 'notInTime'
  | 'revoked'
  | 'otherKey'
  | 'description'
  | 'software'
  | 'imported'
  | 'otherChallenge'
  | 'otherApplication';

export type AttestationCheck =
  | { readonly ok: true; readonly description: KeyDescription }
  | { readonly ok: false; readonly reason: AttestationFault };

export interface AttestedKey {
  readonly key: BoundDeviceJwk;
  /** In base64, the key's own first. */
  readonly certificates: readonly string[];
  readonly applicationId: string;
  readonly challenge: Uint8Array;
}

export interface AttestationTrust {
  /** Public keys of the roots. */
  readonly roots: readonly KeyObject[];
  /** Serial numbers of certificates that are not good any more, in lower-case hexadecimal digits without zeros before. */
  readonly revoked: ReadonlySet<string>;
  readonly now: number;
}

/** Android's have three to five. */
const MAX_CERTIFICATES = 8;
const MAX_CERTIFICATE_BYTES = 8_192;

/**
 * Whether the hardware of an Android phone says that it keeps the key (spec: webauthn §7.1, WA-45; Android, "Verify hardware-backed key pairs
 * with key attestation"). Nothing that the app says of itself can take its place.
 */
export function checkKeyAttestation(
  { key, certificates: texts, applicationId, challenge }: AttestedKey,
  { roots, revoked, now }: AttestationTrust,
): AttestationCheck {
  if (texts.length === 0) return refused('noCertificates');
  const chain = texts.length > MAX_CERTIFICATES ? undefined : certificatesOf(texts);
  const [own, ...issuers] = chain ?? [];
  const last = chain?.at(-1);
  if (chain === undefined || own === undefined || last === undefined) return refused('certificates');

  // Each is signed by the next one, which may sign certificates; so nobody adds one by a key that was attested.
  const isChain = issuers.every((issuer, at) => issuer.ca && isSigned(chain[at] as X509Certificate, issuer.publicKey));
  if (!isChain) return refused('chain');
  // The last one is a root of the realm, or one of them has signed it: no chain is trusted by a root that it brings itself (WA-21).
  if (!roots.some((root) => last.publicKey.equals(root) || isSigned(last, root))) return refused('untrusted');
  if (!chain.every((certificate) => isInTime(certificate, now))) return refused('notInTime');
  if (chain.some(({ serialNumber }) => revoked.has(plainSerial(serialNumber)))) return refused('revoked');

  // It is the certificate of the very key that signs.
  if (!own.publicKey.equals(createPublicKey({ key: { ...key }, format: 'jwk' }))) return refused('otherKey');
  // The one nearest to the root counts; where it is not the first one, a key of the phone has signed what stands before it.
  const [first, ...others] = chain.map(({ raw }) => unlessRefused(() => keyDescriptionIn(raw)));
  const description = first && unlessRefused(() => readKeyDescription(first));
  if (description === undefined || others.some((contents) => contents !== undefined)) return refused('description');
  const { attestationSecurityLevel, keymasterSecurityLevel, isGenerated, packages } = description;
  if (attestationSecurityLevel === 'SOFTWARE' || keymasterSecurityLevel === 'SOFTWARE') return refused('software');
  if (!isGenerated) return refused('imported');
  if (!sameBytes(description.challenge, challenge)) return refused('otherChallenge');
  // The system says which app had the key made, and the app says which one it is.
  if (!packages.includes(applicationId)) return refused('otherApplication');
  return { ok: true, description };
}

const refused = (reason: AttestationFault): AttestationCheck => ({ ok: false, reason });

const certificatesOf = (texts: readonly string[]): readonly X509Certificate[] | undefined => {
  const chain = texts.map((text) => {
    const bytes = decodeBase64(text);
    return bytes === undefined || bytes.length > MAX_CERTIFICATE_BYTES
      ? undefined
      : unlessRefused(() => readForeignCertificate(bytes));
  });
  return chain.every((certificate) => certificate !== undefined) ? chain : undefined;
};

/** A key of another kind than the signature's is an error to the library, and here no more than a wrong one. */
const isSigned = (certificate: X509Certificate, key: KeyObject): boolean =>
  unlessRefused(() => certificate.verify(key)) === true;
