import { encodeBase64Url, encodeTextUrl } from '@assent/push/protocol';
import { derChildren, derContents, derValues } from '../../certificates/der.ts';
import { ATTESTATION_NAME, type Authority, issueCertificate } from './certificate.ts';
import { newSoftwareKey, type SoftwareKey } from './software-key.ts';

/** Whoever signs metadata: a key, and certificates of it in DER, the leaf first. */
export interface MetadataSigner {
  readonly key: SoftwareKey;
  readonly certificates: readonly Uint8Array[];
}

/** One whom an authority vouches for, under the name of a host. */
export const newMetadataSigner = (
  by: Authority,
  host = 'mds.fidoalliance.org',
  options: Partial<Parameters<typeof issueCertificate>[1]> = {},
): MetadataSigner => {
  const key = newSoftwareKey();
  const subject = { ...ATTESTATION_NAME, commonName: host, unit: 'Metadata' };
  const serial = Uint8Array.of(77);
  return { key, certificates: [issueCertificate(by, { serial, subject, subjectKey: key.publicKey, ...options })] };
};

/** An entry of a blob as a test says it, with what every entry has (FIDO MDS 3.0 §3.1.1). */
export const metadataEntry = (
  aaguid: string,
  {
    roots,
    statuses = ['FIDO_CERTIFIED_L1'],
    ...statement
  }: { readonly roots: readonly Uint8Array[]; readonly statuses?: readonly unknown[] } & Readonly<
    Record<string, unknown>
  >,
) => ({
  aaguid,
  timeOfLastStatusChange: '2025-01-01',
  statusReports: statuses.map((it) => (typeof it === 'string' ? { status: it, effectiveDate: '2025-01-01' } : it)),
  metadataStatement: {
    description: 'Example Authenticator',
    keyProtection: ['hardware', 'secure_element'],
    attestationRootCertificates: roots.map((der) => Buffer.from(der).toString('base64')),
    ...statement,
  },
});

/** A blob as the FIDO Metadata Service gives it out (FIDO MDS 3.0 §3.1.7), signed by ES256. */
export const signedMetadata = (
  { key, certificates }: MetadataSigner,
  payload: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>> = {},
): string => {
  const x5c = certificates.map((der) => Buffer.from(der).toString('base64'));
  const content = { legalHeader: 'Test', no: 1, nextUpdate: '2030-01-01', entries: [], ...payload };
  const signed = [{ alg: 'ES256', typ: 'JWT', x5c, ...header }, content].map((it) => encodeTextUrl(JSON.stringify(it)));
  return [...signed, encodeBase64Url(joseSignature(key.sign(Buffer.from(signed.join('.')))))].join('.');
};

/** The two numbers of a signature one behind the other (RFC 7518 §3.4). */
const joseSignature = (signature: Uint8Array): Uint8Array => {
  const [r, s] = derChildren(derValues(signature)[0], 16).map((number) => Buffer.from(derContents(number, 2)));
  const padded = (number: Buffer = Buffer.alloc(0)) => {
    const digits = number.subarray(Math.max(0, number.length - 32));
    return Buffer.concat([Buffer.alloc(32 - digits.length), digits]);
  };
  return Buffer.concat([padded(r), padded(s)]);
};
