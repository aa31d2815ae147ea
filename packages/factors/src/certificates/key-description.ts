import { utf8Text } from '@assent/push/protocol';
import { DER_TAG, type DerValue, derChildren, derContents, derNumber, derTagged, derValues } from './der.ts';

/** What Android says of a key, in the extension of its certificate (Android, "Verify hardware-backed key pairs with key attestation"). */
export interface KeyDescription {
  readonly attestationVersion: number;
  readonly attestationSecurityLevel: SecurityLevel;
  readonly keymasterVersion: number;
  readonly keymasterSecurityLevel: SecurityLevel;
  readonly challenge: Uint8Array;
  /** Packages of the app that had it made. */
  readonly packages: readonly string[];
  /** Whether the key was made where it is, and not brought there. */
  readonly isGenerated: boolean;
  /** Whether the hardware lets it sign, and do nothing else. */
  readonly isForSigning: boolean;
}

export const SECURITY_LEVELS = ['SOFTWARE', 'TRUSTED_ENVIRONMENT', 'STRONG_BOX'] as const;
export type SecurityLevel = (typeof SECURITY_LEVELS)[number];

/** 1.3.6.1.4.1.11129.2.1.17 */
const EXTENSION = Buffer.from([0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x01, 0x11]);

/** Tags of an AuthorizationList. */
const ORIGIN = 702;
const ATTESTATION_APPLICATION_ID = 709;
const PURPOSE = 1;
const ORIGIN_GENERATED = 0;
const PURPOSE_SIGN = 2;
/** Of a certificate (RFC 5280 §4.1). */
const EXTENSIONS = 3;

/** The contents of the extension in a certificate, as DER has it; undefined where there is none. Throws a RangeError for what is no certificate. */
export const keyDescriptionIn = (certificate: Uint8Array): Uint8Array | undefined => {
  const [whole] = derValues(certificate);
  const [signed] = derChildren(whole, DER_TAG.sequence);
  const extensions = derTagged(derChildren(signed, DER_TAG.sequence), EXTENSIONS);
  if (extensions === undefined) return undefined;
  for (const extension of derChildren(extensions, DER_TAG.sequence)) {
    const members = derChildren(extension, DER_TAG.sequence);
    if (EXTENSION.equals(derContents(members[0], DER_TAG.objectIdentifier)))
      return derContents(members.at(-1), DER_TAG.octetString);
  }
  return undefined;
};

/** Reads the contents of the extension; throws a RangeError where they are none. */
export const readKeyDescription = (contents: Uint8Array): KeyDescription => {
  const [whole] = derValues(contents);
  const [version, level, keymasterVersion, keymasterLevel, challenge, , bySoftware, byHardware] = derChildren(
    whole,
    DER_TAG.sequence,
  );
  const software = derChildren(bySoftware, DER_TAG.sequence);
  const hardware = derChildren(byHardware, DER_TAG.sequence);
  const origin = derTagged(hardware, ORIGIN);
  const purpose = derTagged(hardware, PURPOSE);
  const purposes = purpose === undefined ? [] : derChildren(purpose, DER_TAG.set).map(purposeOf);
  const application = derTagged(software, ATTESTATION_APPLICATION_ID);
  return {
    attestationVersion: derNumber(version, DER_TAG.integer),
    attestationSecurityLevel: levelOf(derNumber(level, DER_TAG.enumerated)),
    keymasterVersion: derNumber(keymasterVersion, DER_TAG.integer),
    keymasterSecurityLevel: levelOf(derNumber(keymasterLevel, DER_TAG.enumerated)),
    challenge: derContents(challenge, DER_TAG.octetString),
    packages: application === undefined ? [] : packagesIn(derContents(application, DER_TAG.octetString)),
    isForSigning: purposes.length > 0 && purposes.every((purpose) => purpose === PURPOSE_SIGN),
    isGenerated: origin !== undefined && derNumber(origin, DER_TAG.integer) === ORIGIN_GENERATED,
  };
};

const purposeOf = (value: DerValue): number => derNumber(value, DER_TAG.integer);

const levelOf = (number: number): SecurityLevel => {
  const level = SECURITY_LEVELS[number];
  if (level === undefined) throw new RangeError('There is no such level of security.');
  return level;
};

const packagesIn = (applicationId: Uint8Array): readonly string[] => {
  const [whole] = derValues(applicationId);
  const [packages] = derChildren(whole, DER_TAG.sequence);
  return derChildren(packages, DER_TAG.set).map((entry) => {
    const [name] = derChildren(entry, DER_TAG.sequence);
    return utf8Text(derContents(name, DER_TAG.octetString)) ?? '';
  });
};
