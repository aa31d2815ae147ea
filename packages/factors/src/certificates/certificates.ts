import { type KeyObject, X509Certificate } from 'node:crypto';
import { foreignKeyFault } from '@assent/engine';
import { pemBlocks } from './pem.ts';

/**
 * Certificates in PEM, in their order; what stands between them is left out, as OpenSSL writes it. Throws a RangeError that says which one
 * cannot be read, and where there is none.
 */
export const readCertificates = (text: string): readonly X509Certificate[] => {
  const blocks = pemBlocks(text, 'CERTIFICATE');
  if (blocks.length === 0) throw new RangeError('Must be certificates in PEM, such as -----BEGIN CERTIFICATE-----….');
  return blocks.map((block, at) => {
    let certificate: X509Certificate | undefined;
    try {
      certificate = readForeignCertificate(block);
    } catch (cause) {
      throw new RangeError(`Certificate ${at + 1} cannot be read. Was it cut, or is it something else?`, { cause });
    }
    if (certificate !== undefined) return certificate;
    throw new RangeError(
      `Certificate ${at + 1} has a key that is not accepted. Use RSA of 2,048 to 4,096 bits, P-256, P-384, P-521 or Ed25519.`,
    );
  });
};

/** A certificate that another party brings; undefined where its key may verify nothing here (SEC-95). Throws for what is no certificate. */
export const readForeignCertificate = (bytes: Uint8Array | string): X509Certificate | undefined => {
  const certificate = new X509Certificate(bytes);
  return isAcceptedKey(certificate.publicKey) ? certificate : undefined;
};

/** Whether a key of another party may verify anything here; kinds that have no JWK may not. */
export const isAcceptedKey = (key: KeyObject): boolean => {
  try {
    return foreignKeyFault(key.export({ format: 'jwk' })) === undefined;
  } catch {
    return false;
  }
};

/** Whether a certificate is good at that time, by its dates alone. */
export const isInTime = ({ validFrom, validTo }: X509Certificate, now: number): boolean =>
  Date.parse(validFrom) <= now && now <= Date.parse(validTo);

/** For people: the common name, or all of the name where it has none. */
export const nameOf = ({ subject }: X509Certificate): string =>
  /^CN=(.+)$/m.exec(subject)?.[1] ?? subject.replaceAll('\n', ', ');

/** A serial number as lists of revoked certificates are searched by it: lower-case hexadecimal digits without zeros before. */
export const plainSerial = (serial: string): string => serial.toLowerCase().replace(/^0+(?=.)/, '');
