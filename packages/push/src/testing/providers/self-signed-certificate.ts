import { createHash, sign } from 'node:crypto';
import { newEcKeyPair } from '../../jose/index.ts';
import { der, derOid, derSequence, derTime } from './der-text.ts';

export interface TestCertificate {
  /** PEM; whoever is to trust the server trusts this. */
  readonly certificate: string;
  readonly key: string;
}

const ECDSA_WITH_SHA256 = derSequence(derOid('2a8648ce3d040302'));
const COMMON_NAME = derOid('550403');
const SUBJECT_ALTERNATIVE_NAME = derOid('551d11');
const BASIC_CONSTRAINTS = derOid('551d13');

/** What may be wrong with a certificate. */
export interface CertificateFlaws {
  /** It is for another name than those of this machine. */
  readonly isOfAnother?: boolean;
  readonly hasRunOut?: boolean;
}

/** A certificate of its own for this machine, as `localhost` and `127.0.0.1`, since Node makes none. @see RFC 5280 §4.1 */
export const selfSignedCertificate = ({ isOfAnother, hasRunOut }: CertificateFlaws = {}): TestCertificate => {
  const { publicKey, privateKey } = newEcKeyPair();
  const keyInfo = publicKey.export({ type: 'spki', format: 'der' });
  const serial = createHash('sha256').update(keyInfo).digest().subarray(0, 8);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const name = derSequence(der(0x31, derSequence(COMMON_NAME, der(0x0c, Buffer.from('Assent test provider')))));
  const ours = [der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1]))];
  const names = derSequence(...(isOfAnother === true ? [der(0x82, Buffer.from('other.example.com'))] : ours));
  const extensions = derSequence(
    derSequence(SUBJECT_ALTERNATIVE_NAME, der(0x04, names)),
    derSequence(
      BASIC_CONSTRAINTS,
      der(0x01, Buffer.from([0xff])),
      der(0x04, derSequence(der(0x01, Buffer.from([0xff])))),
    ),
  );
  const toBeSigned = derSequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    ECDSA_WITH_SHA256,
    name,
    derSequence(derTime('200101000000Z'), derTime(hasRunOut === true ? '210101000000Z' : '491231235959Z')),
    name,
    keyInfo,
    der(0xa3, extensions),
  );
  const signature = sign('sha256', toBeSigned, privateKey);
  const certificate = derSequence(toBeSigned, ECDSA_WITH_SHA256, der(0x03, Buffer.from([0]), signature));
  const base64 = certificate.toString('base64').replace(/.{1,64}/g, '$&\n');
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${base64}-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
};
