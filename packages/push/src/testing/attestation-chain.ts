import { createHash, type KeyObject, sign } from 'node:crypto';
import { newEcKeyPair } from '../jose/index.ts';
import { der, derExplicit, derNumber, derOid, derSequence, derTime } from './providers/der-text.ts';

const ECDSA_WITH_SHA256 = derSequence(derOid('2a8648ce3d040302'));
const COMMON_NAME = derOid('550403');
const BASIC_CONSTRAINTS = derOid('551d13');
const KEY_DESCRIPTION = derOid('2b06010401d679020111');
const TRUE = der(0x01, Buffer.from([0xff]));

/** What the hardware of a phone says of a key; all of it can be said wrong. */
export interface DescribedKey {
  readonly challenge: Uint8Array;
  readonly applicationId: string;
  /** 0 software, 1 trusted environment, 2 strong box. */
  readonly securityLevel?: number;
  readonly keymasterLevel?: number;
  /** 0 generated, 2 imported. */
  readonly origin?: number;
  /** 2 signing, 3 verifying. */
  readonly purposes?: readonly number[];
}

interface TestIssuer {
  readonly name: string;
  readonly privateKey: KeyObject;
}

interface CertificateOptions {
  readonly name: string;
  readonly key: KeyObject;
  readonly issuer: TestIssuer;
  readonly isAuthority?: boolean;
  readonly described?: DescribedKey;
  readonly until?: string;
}

const nameOf = (name: string): Buffer => derSequence(der(0x31, derSequence(COMMON_NAME, der(0x0c, Buffer.from(name)))));
const octets = (bytes: Uint8Array): Buffer => der(0x04, bytes);

const description = ({
  challenge,
  applicationId,
  securityLevel = 1,
  keymasterLevel = 1,
  origin = 0,
  purposes = [2],
}: DescribedKey) => {
  const packages = der(0x31, derSequence(octets(Buffer.from(applicationId)), derNumber(1)));
  const application = derSequence(packages, der(0x31, octets(Buffer.alloc(32))));
  return derSequence(
    derNumber(4),
    derNumber(securityLevel, 0x0a),
    derNumber(41),
    derNumber(keymasterLevel, 0x0a),
    octets(challenge),
    octets(Buffer.alloc(0)),
    derSequence(derExplicit(709, octets(application))),
    derSequence(
      derExplicit(1, der(0x31, ...purposes.map((purpose) => derNumber(purpose)))),
      derExplicit(702, derNumber(origin)),
    ),
  );
};

/** A certificate (RFC 5280 §4.1), since Node makes none; in DER. */
const certificateOf = ({ name, key, issuer, isAuthority, described, until = '491231235959Z' }: CertificateOptions) => {
  const keyInfo = key.export({ type: 'spki', format: 'der' });
  const serial = createHash('sha256').update(keyInfo).update(name).digest().subarray(0, 8);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  const extensions = [
    ...(isAuthority === true ? [derSequence(BASIC_CONSTRAINTS, TRUE, octets(derSequence(TRUE)))] : []),
    ...(described === undefined ? [] : [derSequence(KEY_DESCRIPTION, octets(description(described)))]),
  ];
  const toBeSigned = derSequence(
    der(0xa0, derNumber(2)),
    der(0x02, serial),
    ECDSA_WITH_SHA256,
    nameOf(issuer.name),
    derSequence(derTime('200101000000Z'), derTime(until)),
    nameOf(name),
    keyInfo,
    ...(extensions.length === 0 ? [] : [der(0xa3, derSequence(...extensions))]),
  );
  const signature = sign('sha256', toBeSigned, issuer.privateKey);
  const bytes = derSequence(toBeSigned, ECDSA_WITH_SHA256, der(0x03, Buffer.from([0]), signature));
  return { bytes, serial: serial.toString('hex') };
};

const pem = (bytes: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(bytes)
    .toString('base64')
    .replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;

/** What a chain is that is not as it should be. */
export interface ChainFlaws {
  readonly until?: string;
  /** The issuer of the key's certificate is none that may sign certificates. */
  readonly isUnderKey?: boolean;
}

/** Whoever vouches for keys of phones in tests: a root, and an issuer under it. */
export class TestAttester {
  readonly #root = newEcKeyPair();
  readonly #batch = newEcKeyPair();
  readonly #rootCertificate: Buffer;
  readonly #batchCertificate: Buffer;
  /** Serial number of the issuer under the root. */
  readonly batchSerial: string;

  constructor(name = 'Test attestation root') {
    const root = { name, privateKey: this.#root.privateKey };
    this.#rootCertificate = certificateOf({ name, key: this.#root.publicKey, issuer: root, isAuthority: true }).bytes;
    const batch = certificateOf({ name: 'Batch', key: this.#batch.publicKey, issuer: root, isAuthority: true });
    this.#batchCertificate = batch.bytes;
    this.batchSerial = batch.serial;
  }

  /** As a realm lists it. */
  get rootCertificate(): string {
    return pem(this.#rootCertificate);
  }

  /** The chain of a key as its app sends it, in base64, and the serial number of the key's own certificate. */
  vouchFor(
    key: KeyObject,
    described: DescribedKey | undefined,
    { until, isUnderKey }: ChainFlaws = {},
  ): { readonly certificates: readonly string[]; readonly serial: string } {
    const batch = { name: 'Batch', privateKey: this.#batch.privateKey };
    const issued: Buffer[] = [this.#batchCertificate, this.#rootCertificate];
    let issuer = batch;
    if (isUnderKey === true) {
      // A key of the phone, itself attested, signs a certificate for another one.
      const attested = newEcKeyPair();
      issued.unshift(
        certificateOf({ name: 'Key', key: attested.publicKey, issuer: batch, ...(described && { described }) }).bytes,
      );
      issuer = { name: 'Key', privateKey: attested.privateKey };
    }
    const own = certificateOf({
      name: 'Android Keystore Key',
      key,
      issuer,
      ...(described && { described }),
      ...(until !== undefined && { until }),
    });
    return {
      certificates: [own.bytes, ...issued].map((bytes) => bytes.toString('base64')),
      serial: own.serial,
    };
  }
}
