import { verify, type X509Certificate } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DER_TAG, DerCursor, type DerValue, derChildren, derContents, derValues } from './der.ts';

/** A list of certificates that are not good any more (RFC 5280 §5), signed by nobody knows whom yet. */
export interface RevocationList {
  /** The distinguished name, as DER has it. */
  readonly issuer: Uint8Array;
  readonly from: number;
  readonly until: number;
  /** The entries as DER has them: each is looked at when a certificate is searched. A set of 100,000 numbers takes the event loop 100 ms. */
  readonly revoked: Uint8Array;
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
/** A certificate is searched in lists of the authority that has issued it, which is mostly one. */
const MAX_VERDICTS = 8;

const PEM_BEGIN = '-----BEGIN X509 CRL-----';
const PEM_END = '-----END X509 CRL-----';
/** Before a list in PEM others may stand, such as its text as OpenSSL writes it. */
const MAX_PREAMBLE = 64;

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const OBJECT_IDENTIFIER = 0x06;
const BOOLEAN = 0x01;

const verifyInPool = promisify(verify);

/**
 * Reads a list in DER or PEM. Throws a RangeError for what is none, and for one that says more than which certificates of its issuer are
 * revoked: an extension that has to be understood and is not, in the list or an entry, or an end that is not told.
 */
export const readRevocationList = (document: Uint8Array): RevocationList => {
  const [whole] = derValues(withoutPem(document), 1);
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
  const revoked =
    others.find(({ tagClass, tag }) => tagClass === 0 && tag === DER_TAG.sequence)?.contents ?? new Uint8Array();
  searchEntries(revoked, undefined);
  return {
    issuer: derContents(issuer, DER_TAG.sequence),
    from: timeOf(thisUpdate),
    until: timeOf(nextUpdate),
    revoked,
    signed: outer.subarray(0, list.contents.byteOffset - outer.byteOffset + list.contents.length),
    signature: bits.subarray(1),
    hash,
  };
};

/**
 * Whether one of the lists is of the authority that has issued the certificate and good now, and none of those names it. Signatures are verified in the
 * thread pool, and one list is searched in a turn of the event loop.
 */
export const isKnownGood = async (
  certificate: X509Certificate,
  issuer: X509Certificate,
  lists: readonly RevocationList[],
  now: number,
): Promise<boolean> => {
  const { serial } = namesOf(certificate);
  const { subject } = namesOf(issuer);
  let isKnown = false;
  for (const list of lists) {
    if (list.from > now || now >= list.until || !subject.equals(list.issuer)) continue;
    if (!(await isSignedBy(list, issuer))) continue;
    await setImmediate();
    if (searchEntries(list.revoked, serial)) return false;
    isKnown = true;
  }
  return isKnown;
};

/** By the key of the authority: a list is verified once for each. */
const verdicts = new WeakMap<RevocationList, Map<string, Promise<boolean>>>();

const isSignedBy = (list: RevocationList, { publicKey }: X509Certificate): Promise<boolean> => {
  const known = verdicts.get(list) ?? new Map<string, Promise<boolean>>();
  const key = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  const verdict =
    known.get(key) ??
    // A key of another kind than the signature's is an error to the library.
    verifyInPool(list.hash, list.signed, publicKey, list.signature).catch(() => false);
  if (known.size >= MAX_VERDICTS) known.clear();
  verdicts.set(list, known.set(key, verdict));
  return verdict;
};

/** RFC 5280 §4.1: version, serial number, algorithm, issuer, validity, subject. */
const namesOf = ({ raw }: X509Certificate): { readonly serial: Uint8Array; readonly subject: Buffer } => {
  const [whole] = derValues(raw);
  const [signed] = derChildren(whole, DER_TAG.sequence);
  const parts = derChildren(signed, DER_TAG.sequence);
  const [serial, , , , subject] = parts[0]?.tagClass === 2 ? parts.slice(1) : parts;
  return {
    serial: derContents(serial, DER_TAG.integer),
    subject: Buffer.from(derContents(subject, DER_TAG.sequence)),
  };
};

/**
 * Whether an entry of a list has the serial number. Looks at each entry, in time that grows with their bytes alone; throws a RangeError where one is
 * none, or has an extension that has to be understood.
 */
const searchEntries = (entries: Uint8Array, serial: Uint8Array | undefined): boolean => {
  const cursor = new DerCursor(entries);
  let isFound = false;
  let count = 0;
  for (let at = 0; at < entries.length; ) {
    count += 1;
    if (count > MAX_REVOKED) throw new RangeError(`The list names more than ${MAX_REVOKED} certificates.`);
    cursor.expect(SEQUENCE, at, entries.length);
    const { end } = cursor;
    cursor.expect(INTEGER, cursor.begin, end);
    isFound ||= serial !== undefined && isSameNumber(entries, cursor, serial);
    cursor.read(cursor.end, end);
    if (cursor.end < end) {
      cursor.expect(SEQUENCE, cursor.end, end);
      refuseCriticalEntries(cursor);
    }
    if (cursor.end !== end) throw new RangeError('An entry of the list has more than extensions.');
    at = end;
  }
  return isFound;
};

/** Leaves the cursor at the end of the extensions. */
const refuseCriticalEntries = (cursor: DerCursor): void => {
  const { end } = cursor;
  for (let at = cursor.begin; at < end; ) {
    cursor.expect(SEQUENCE, at, end);
    const next = cursor.end;
    cursor.expect(OBJECT_IDENTIFIER, cursor.begin, next);
    cursor.read(cursor.end, next);
    if (cursor.identifier === BOOLEAN) throw new RangeError(CRITICAL);
    at = next;
  }
  cursor.end = end;
};

/** Compares integers without the zeros before them. */
const isSameNumber = (bytes: Uint8Array, { begin, end }: DerCursor, number: Uint8Array): boolean => {
  let from = 0;
  let at = begin;
  while (from < number.length && number[from] === 0) from += 1;
  while (at < end && bytes[at] === 0) at += 1;
  if (end - at !== number.length - from) return false;
  while (at < end && bytes[at] === number[from]) {
    at += 1;
    from += 1;
  }
  return at === end;
};

/** The bytes of a list in DER, or in the first block of a text in PEM. */
const withoutPem = (document: Uint8Array): Uint8Array => {
  const bytes = Buffer.from(document.buffer, document.byteOffset, document.byteLength);
  if (!bytes.subarray(0, MAX_PREAMBLE).includes('-----')) return document;
  const begin = bytes.indexOf(PEM_BEGIN);
  const end = bytes.indexOf(PEM_END, begin);
  if (begin < 0 || end < 0) throw new RangeError('The text has no list of revoked certificates in PEM.');
  return Buffer.from(bytes.toString('latin1', begin + PEM_BEGIN.length, end), 'base64');
};

const CRITICAL = 'The list is of some certificates alone, or of more than those of its issuer.';

const refuseCritical = (tagged: DerValue | undefined): void => {
  if (tagged !== undefined) refuseCriticalAmong(derValues(tagged.contents, 1)[0]);
};

const refuseCriticalAmong = (extensions: DerValue | undefined): void => {
  if (extensions === undefined) return;
  for (const extension of derChildren(extensions, DER_TAG.sequence))
    if (derChildren(extension, DER_TAG.sequence)[1]?.tag === DER_TAG.boolean) throw new RangeError(CRITICAL);
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
