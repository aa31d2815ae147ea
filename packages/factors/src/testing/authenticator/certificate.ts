import { createHash, type KeyObject } from 'node:crypto';
import {
  bitString,
  der,
  integer,
  isTrue,
  objectIdentifier,
  octetString,
  printableString,
  sequence,
  set,
  time,
  utf8String,
} from './der.ts';
import { newSoftwareKey, type SoftwareKey } from './software-key.ts';

export interface CertificateName {
  readonly commonName: string;
  readonly organization: string;
  readonly unit: string;
  readonly country: string;
}

export interface CertificateExtension {
  readonly id: string;
  readonly isCritical?: true;
  readonly value: Uint8Array;
}

export interface CertificateOptions {
  readonly serial: Uint8Array;
  /** Nobody where absent: a certificate of a TPM names it in an extension. */
  readonly subject?: CertificateName;
  readonly subjectKey: KeyObject;
  readonly isAuthority?: boolean;
  /** Such as `20240101000000Z`. */
  readonly notBefore?: string;
  readonly notAfter?: string;
  /** Beside those that every certificate here has. */
  readonly extensions?: readonly CertificateExtension[];
}

/** Whoever signs certificates: by an ES256 key. */
export interface Issuer {
  readonly name: CertificateName;
  readonly key: SoftwareKey;
}

/** An authority with its own certificate. */
export interface Authority extends Issuer {
  readonly certificate: Uint8Array;
  readonly pem: string;
}

const ECDSA_WITH_SHA256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'));
/** FIDO: id-fido-gen-ce-aaguid, the model that a certificate is for. */
const AAGUID_EXTENSION = '1.3.6.1.4.1.45724.1.1.4';

/** The extension that binds a certificate to a model of authenticators (WebAuthn Level 3 §8.2.1). */
export const aaguidExtension = (aaguid: Uint8Array): CertificateExtension => ({
  id: AAGUID_EXTENSION,
  value: octetString(aaguid),
});

/** An X.509 certificate (RFC 5280) in DER. */
export function issueCertificate(issuer: Issuer, options: CertificateOptions): Uint8Array {
  const { subject, subjectKey, isAuthority = false } = options;
  const isRoot = subjectKey.equals(issuer.key.publicKey);
  const extensions: readonly CertificateExtension[] = [
    { id: '2.5.29.19', isCritical: true, value: sequence(...(isAuthority ? [isTrue()] : [])) },
    { id: '2.5.29.15', isCritical: true, value: der(0x03, isAuthority ? Uint8Array.of(1, 6) : Uint8Array.of(7, 128)) },
    { id: '2.5.29.14', value: octetString(keyIdentifier(subjectKey)) },
    ...(isRoot ? [] : [{ id: '2.5.29.35', value: sequence(der(0x80, keyIdentifier(issuer.key.publicKey))) }]),
    ...(options.extensions ?? []),
  ];
  const signed = sequence(
    der(0xa0, integer(Uint8Array.of(2))),
    integer(options.serial),
    ECDSA_WITH_SHA256,
    distinguishedName(issuer.name),
    sequence(time(options.notBefore ?? '20240101000000Z'), time(options.notAfter ?? '30240101000000Z')),
    subject === undefined ? sequence() : distinguishedName(subject),
    spkiOf(subjectKey),
    der(0xa3, sequence(...extensions.map(extensionOf))),
  );
  return new Uint8Array(sequence(signed, ECDSA_WITH_SHA256, bitString(issuer.key.sign(signed))));
}

/** A new root, or an authority that another one vouches for. */
export function newAuthority(
  commonName: string,
  { by, key = newSoftwareKey() }: { by?: Issuer; key?: SoftwareKey } = {},
): Authority {
  const name = { ...ATTESTATION_NAME, commonName, unit: 'Authenticator Attestation CA' };
  const certificate = issueCertificate(by ?? { name, key }, {
    serial: createHash('sha256').update(commonName).digest().subarray(0, 8),
    subject: name,
    subjectKey: key.publicKey,
    isAuthority: true,
  });
  return { name, key, certificate, pem: pemOf(certificate) };
}

/** What stands in certificates of authenticators (WebAuthn Level 3 §8.2.1). */
export const ATTESTATION_NAME: CertificateName = {
  commonName: 'Test Authenticator',
  organization: 'Example',
  unit: 'Authenticator Attestation',
  country: 'AA',
};

export const pemOf = (certificate: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(certificate)
    .toString('base64')
    .replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;

const distinguishedName = ({ commonName, organization, unit, country }: CertificateName): Uint8Array =>
  sequence(
    ...[
      { id: '2.5.4.3', value: utf8String(commonName) },
      { id: '2.5.4.10', value: utf8String(organization) },
      { id: '2.5.4.11', value: utf8String(unit) },
      { id: '2.5.4.6', value: printableString(country) },
    ].map(({ id, value }) => set(sequence(objectIdentifier(id), value))),
  );

const extensionOf = ({ id, isCritical, value }: CertificateExtension): Uint8Array =>
  sequence(objectIdentifier(id), ...(isCritical ? [isTrue()] : []), octetString(value));

const spkiOf = (key: KeyObject): Uint8Array => key.export({ type: 'spki', format: 'der' });

/** SHA-1 of the point, which ends the key (RFC 5280 §4.2.1.2). */
const keyIdentifier = (key: KeyObject): Uint8Array => createHash('sha1').update(spkiOf(key).subarray(-65)).digest();

export interface RevocationListOptions {
  readonly serials?: readonly Uint8Array[];
  readonly from?: string;
  readonly until?: string;
  /** Object identifiers of extensions that have to be understood. */
  readonly critical?: readonly string[];
}

/** A list of certificates of an issuer that are not good any more (RFC 5280 §5), in DER. */
export function issueRevocationList(issuer: Issuer, options: RevocationListOptions = {}): Uint8Array {
  const { serials = [], from = '20240101000000Z', until = '30240101000000Z', critical = [] } = options;
  const signed = sequence(
    integer(Uint8Array.of(1)),
    ECDSA_WITH_SHA256,
    distinguishedName(issuer.name),
    time(from),
    time(until),
    // Joined first, since a list may have more entries than a call has arguments.
    ...(serials.length === 0
      ? []
      : [sequence(Buffer.concat(serials.map((serial) => sequence(integer(serial), time(from)))))]),
    ...(critical.length === 0
      ? []
      : [der(0xa0, sequence(...critical.map((id) => extensionOf({ id, isCritical: true, value: sequence() }))))]),
  );
  return new Uint8Array(sequence(signed, ECDSA_WITH_SHA256, bitString(issuer.key.sign(signed))));
}
