import { verify, type X509Certificate } from 'node:crypto';
import { plainSerial } from './certificates.ts';
import { DER_TAG, type DerValue, derChildren, derContents, derValues } from './der.ts';
import { pemBlocks } from './pem.ts';

/** A list of certificates that are not good any more (RFC 5280 §5), signed by nobody knows whom yet. */
export interface RevocationList {
  /** The distinguished name, as DER has it. */
  readonly issuer: Uint8Array;
  readonly from: number;
  readonly until: number;
  /** Lower-case hexadecimal digits without zeros before. */
  readonly serials: ReadonlySet<string>;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  readonly hash: string;
}

/** Signature algorithms by their object identifiers in DER: ECDSA and RSA (PKCS #1) with SHA-256, -384, -512. */
const HASHES: ReadonlyMap<string, string> = new Map([
  ['2a8648ce3d040302', 'sha256'],
  ['2a8648ce3d040303', 'sha384'],
  ['2a8648ce3d040304', 'sha512'],
  ['2a864886f70d01010b', 'sha256'],
  ['2a864886f70d01010c', 'sha384'],
  ['2a864886f70d01010d', 'sha512'],
]);

const MAX_REVOKED = 100_000;

/**
 * Reads a list in DER or PEM. Throws a RangeError for what is none, and for one that says more than which certificates of its issuer are
 * revoked: an extension that has to be understood and is not, in the list or an entry, or an end that is not told.
 */
export const readRevocationList = (document: Uint8Array): RevocationList => {
  const [block] = Buffer.from(document.subarray(0, 64)).includes('-----') ? pemBlocks(text(document), 'X509 CRL') : [];
  const [whole] = derValues(block === undefined ? document : Buffer.from(block.split('-----')[2] ?? '', 'base64'), 1);
  const outer = derContents(whole, DER_TAG.sequence);
  const [list, algorithm, signature] = derValues(outer, 3);
  const parts = derChildren(list, DER_TAG.sequence);
  // The version is left out in lists of the first kind; then comes what they are signed by, once more.
  const [, issuer, thisUpdate, nextUpdate, ...others] = parts[0]?.tag === DER_TAG.integer ? parts.slice(1) : parts;
  refuseCritical(others.find(({ tagClass, tag }) => tagClass === 2 && tag === 0));
  const hash = HASHES.get(
    Buffer.from(derContents(derChildren(algorithm, DER_TAG.sequence)[0], DER_TAG.objectIdentifier)).toString('hex'),
  );
  if (hash === undefined) throw new RangeError('The list is signed in a way that is not known here.');
  const bits = derContents(signature, DER_TAG.bitString);
  if (bits[0] !== 0 || list === undefined) throw new RangeError('The list has no signature.');
  return {
    issuer: derContents(issuer, DER_TAG.sequence),
    from: timeOf(thisUpdate),
    until: timeOf(nextUpdate),
    serials: serialsOf(others.find(({ tagClass, tag }) => tagClass === 0 && tag === DER_TAG.sequence)),
    signed: outer.subarray(0, list.contents.byteOffset - outer.byteOffset + list.contents.length),
    signature: bits.subarray(1),
    hash,
  };
};

/** Whether one of the lists is of whoever has issued the certificate and good now, and none of those names it. */
export const isKnownGood = (
  certificate: X509Certificate,
  issuer: X509Certificate,
  lists: readonly RevocationList[],
  now: number,
): boolean => {
  const own = lists.filter((list) => list.from <= now && now < list.until && isBy(list, issuer));
  return own.length > 0 && !own.some(({ serials }) => serials.has(plainSerial(certificate.serialNumber)));
};

const isBy = ({ issuer, signed, signature, hash }: RevocationList, authority: X509Certificate): boolean => {
  try {
    return subjectOf(authority).equals(issuer) && verify(hash, signed, authority.publicKey, signature);
  } catch {
    return false;
  }
};

/** RFC 5280 §4.1: version, serial number, algorithm, issuer, validity, subject. */
const subjectOf = ({ raw }: X509Certificate): Buffer => {
  const [whole] = derValues(raw);
  const [signed] = derChildren(whole, DER_TAG.sequence);
  const parts = derChildren(signed, DER_TAG.sequence);
  return Buffer.from(derContents(parts[parts[0]?.tagClass === 2 ? 5 : 4], DER_TAG.sequence));
};

const serialsOf = (revoked: DerValue | undefined): ReadonlySet<string> => {
  if (revoked === undefined) return new Set();
  return new Set(
    derValues(revoked.contents, MAX_REVOKED).map((entry) => {
      const [serial, , extensions] = derChildren(entry, DER_TAG.sequence);
      refuseCriticalAmong(extensions);
      return plainSerial(Buffer.from(derContents(serial, DER_TAG.integer)).toString('hex'));
    }),
  );
};

const refuseCritical = (tagged: DerValue | undefined): void => {
  if (tagged !== undefined) refuseCriticalAmong(derValues(tagged.contents, 1)[0]);
};

const refuseCriticalAmong = (extensions: DerValue | undefined): void => {
  if (extensions === undefined) return;
  for (const extension of derChildren(extensions, DER_TAG.sequence))
    if (derChildren(extension, DER_TAG.sequence)[1]?.tag === DER_TAG.boolean)
      throw new RangeError('The list is of some certificates alone, or of more than those of its issuer.');
};

/** RFC 5280 §4.1.2.5: in UTC, to the second; two digits of a year are of 1950 to 2049. */
const timeOf = (value: DerValue | undefined): number => {
  const isShort = value?.tag === DER_TAG.utcTime;
  const digits = text(derContents(value, isShort ? DER_TAG.utcTime : DER_TAG.generalizedTime));
  const full = isShort ? `${Number(digits.slice(0, 2)) < 50 ? '20' : '19'}${digits}` : digits;
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(full) ?? [];
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(at)) throw new RangeError('The list does not say until when it is good.');
  return at;
};

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
