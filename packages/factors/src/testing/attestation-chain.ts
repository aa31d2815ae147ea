import { createHash, type KeyObject, sign } from 'node:crypto';
import { newEcKeyPair } from '@assent/push/jose';
import {
  bitString,
  der,
  isTrue,
  objectIdentifier,
  octetString,
  sequence,
  set,
  time,
  utf8String,
} from './authenticator/der.ts';

const ECDSA_WITH_SHA256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'));
const COMMON_NAME = objectIdentifier('2.5.4.3');
const BASIC_CONSTRAINTS = objectIdentifier('2.5.29.19');
const KEY_DESCRIPTION = objectIdentifier('1.3.6.1.4.1.11129.2.1.17');

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

const nameOf = (name: string): Uint8Array => sequence(set(sequence(COMMON_NAME, utf8String(name))));

const number = (value: number, tag = 0x02): Uint8Array => der(tag, Uint8Array.of(value));

/** A value inside an explicit tag of the context above 30, such as those of Android's lists. */
const explicit = (tag: number, value: Uint8Array): Uint8Array =>
  Buffer.concat([Uint8Array.of(0xbf, 0x80 | (tag >> 7), tag & 0x7f), der(0, value).subarray(1)]);

const description = ({
  challenge,
  applicationId,
  securityLevel = 1,
  keymasterLevel = 1,
  origin = 0,
  purposes = [2],
}: DescribedKey) => {
  const packages = set(sequence(octetString(Buffer.from(applicationId)), number(1)));
  const application = sequence(packages, set(octetString(Buffer.alloc(32))));
  return sequence(
    number(4),
    number(securityLevel, 0x0a),
    number(41),
    number(keymasterLevel, 0x0a),
    octetString(challenge),
    octetString(Buffer.alloc(0)),
    sequence(explicit(709, octetString(application))),
    sequence(explicit(1, set(...purposes.map((purpose) => number(purpose)))), explicit(702, number(origin))),
  );
};

/** A certificate (RFC 5280 §4.1), since Node makes none; in DER. */
const certificateOf = ({
  name,
  key,
  issuer,
  isAuthority,
  described,
  until = '20491231235959Z',
}: CertificateOptions) => {
  const keyInfo = key.export({ type: 'spki', format: 'der' });
  const serial = createHash('sha256').update(keyInfo).update(name).digest().subarray(0, 8);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  const extensions = [
    ...(isAuthority === true ? [sequence(BASIC_CONSTRAINTS, isTrue(), octetString(sequence(isTrue())))] : []),
    ...(described === undefined ? [] : [sequence(KEY_DESCRIPTION, octetString(description(described)))]),
  ];
  const toBeSigned = sequence(
    der(0xa0, number(2)),
    der(0x02, serial),
    ECDSA_WITH_SHA256,
    nameOf(issuer.name),
    sequence(time('20200101000000Z'), time(until)),
    nameOf(name),
    keyInfo,
    ...(extensions.length === 0 ? [] : [der(0xa3, sequence(...extensions))]),
  );
  const signature = sign('sha256', toBeSigned, issuer.privateKey);
  const bytes = Buffer.from(sequence(toBeSigned, ECDSA_WITH_SHA256, bitString(signature)));
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
