import { createHash, type KeyObject } from 'node:crypto';
import type { Attest, AttestationKey } from './attestations.ts';
import type { CertificateExtension } from './certificate.ts';
import { der, objectIdentifier, sequence, set, utf8String } from './der.ts';

// What a TPM says of a key that it has made (TPM 2.0 Part 2, structures TPMT_PUBLIC and TPMS_ATTEST; WebAuthn Level 3 §8.3).

const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
/** With its length before it, in two bytes. */
const sized = (bytes: Uint8Array): Buffer => Buffer.concat([hex(bytes.length.toString(16).padStart(4, '0')), bytes]);

/** A key of P-256, whose name is made by SHA-256; it is good for signing and for nothing that has to be named. */
const publicArea = (key: KeyObject): Buffer => {
  const point = key.export({ type: 'spki', format: 'der' }).subarray(-64);
  const head = hex('0023 000b 00040000 0000 0010 0010 0003 0010');
  return Buffer.concat([head, sized(point.subarray(0, 32)), sized(point.subarray(32))]);
};

const certification = (area: Buffer, signed: Buffer): Buffer => {
  const clockAndFirmware = hex('0000000000000000 11111111 22222222 33 0000000000000000');
  const name = Buffer.concat([hex('000b'), sha256(area)]);
  return Buffer.concat([hex('ff544347 8017 0000'), sized(signed), clockAndFirmware, sized(name), hex('0000')]);
};

/** `tpm`, by ES256. */
export const tpmAttestation =
  ({ key: attester, certificates }: AttestationKey): Attest =>
  ({ authData, clientDataHash, key }) => {
    const pubArea = publicArea(key.publicKey);
    const certInfo = certification(pubArea, sha256(authData, clientDataHash));
    return {
      format: 'tpm',
      statement: new Map<string, string | number | Uint8Array | readonly Uint8Array[]>([
        ['alg', attester.algorithm],
        ['sig', attester.sign(certInfo)],
        ['ver', '2.0'],
        ['x5c', certificates],
        ['pubArea', new Uint8Array(pubArea)],
        ['certInfo', new Uint8Array(certInfo)],
      ]),
    };
  };

/** What the certificate of a TPM has in the place of a subject: maker, version and model (TCG EK Credential Profile §3.2.9). */
export const tpmExtensions = (maker: string, version: string, model: string): readonly CertificateExtension[] => {
  const named = (id: string, text: string) => sequence(objectIdentifier(id), utf8String(text));
  const name = sequence(
    set(named('2.23.133.2.1', maker), named('2.23.133.2.3', version), named('2.23.133.2.2', model)),
  );
  return [
    { id: '2.5.29.37', value: sequence(objectIdentifier('2.23.133.8.3')) },
    { id: '2.5.29.17', isCritical: true, value: sequence(der(0xa4, name)) },
  ];
};
