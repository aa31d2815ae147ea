import { X509Certificate } from 'node:crypto';
import { pemBlocks } from './pem.ts';

/**
 * Certificates in PEM, in their order; what stands between them is left out, as OpenSSL writes it. Throws a RangeError that says which one
 * cannot be read, and where there is none.
 */
export const readCertificates = (text: string): readonly X509Certificate[] => {
  const blocks = pemBlocks(text, 'CERTIFICATE');
  if (blocks.length === 0) throw new RangeError('Must be certificates in PEM, such as -----BEGIN CERTIFICATE-----….');
  return blocks.map((block, at) => {
    try {
      return new X509Certificate(block);
    } catch (cause) {
      throw new RangeError(`Certificate ${at + 1} cannot be read. Was it cut, or is it something else?`, { cause });
    }
  });
};

/** Whether a certificate is good at that time, by its dates alone. */
export const isInTime = ({ validFrom, validTo }: X509Certificate, now: number): boolean =>
  Date.parse(validFrom) <= now && now <= Date.parse(validTo);

/** For people: the common name, or all of the name where it has none. */
export const nameOf = ({ subject }: X509Certificate): string =>
  /^CN=(.+)$/m.exec(subject)?.[1] ?? subject.replaceAll('\n', ', ');

/** A serial number as lists of revoked certificates are searched by it: lower-case hexadecimal digits without zeros before. */
export const plainSerial = (serial: string): string => serial.toLowerCase().replace(/^0+(?=.)/, '');
