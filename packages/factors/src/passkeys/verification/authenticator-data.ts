import { type Parsed, parsed, refused } from '@assent/push/protocol';
import { MAX_CREDENTIAL_ID_BYTES } from '../ceremony/credential-bytes.ts';
import { type CborMap, readCborItem } from './strict-cbor.ts';

/** The bits of authenticator data, by the names that they have in scripts (WebAuthn Level 3 §6.1). */
export interface AuthenticatorFlags {
  /** Somebody was present. */
  readonly UP: boolean;
  /** Somebody was verified, as by a PIN or a finger. */
  readonly UV: boolean;
  /** Attested credential data follows. */
  readonly AT: boolean;
  /** Extension data follows. */
  readonly ED: boolean;
  /** The passkey may be backed up; for life. */
  readonly BE: boolean;
  /** It is backed up. */
  readonly BS: boolean;
}

const FLAG_BITS: Readonly<Record<keyof AuthenticatorFlags, number>> = {
  UP: 0x01,
  UV: 0x04,
  BE: 0x08,
  BS: 0x10,
  AT: 0x40,
  ED: 0x80,
};

/** What an authenticator says of the passkey that it has just made (WebAuthn Level 3 §6.5.1). */
export interface AttestedCredential {
  /** The model of the authenticator, as it claims, in the form of a UUID. */
  readonly aaguid: string;
  readonly credentialId: Uint8Array;
  /** Before anybody has looked whether it is a key. */
  readonly coseKey: CborMap;
}

/** What the authenticator has signed (WebAuthn Level 3 §6.1). */
export interface AuthenticatorData {
  readonly rpIdHash: Uint8Array;
  readonly flags: AuthenticatorFlags;
  readonly signCount: number;
  readonly attested?: AttestedCredential;
}

const RP_ID_HASH_BYTES = 32;
const FIXED_BYTES = 37;
const AAGUID_BYTES = 16;
/** The AAGUID, and the length of the id. */
const ATTESTED_FIXED_BYTES = AAGUID_BYTES + 2;

/** Reads authenticator data to its last byte. Never throws. @see WebAuthn Level 3 §6.1 */
export function readAuthenticatorData(
  bytes: Uint8Array,
): Parsed<AuthenticatorData, 'authenticatorData' | 'credentialId'> {
  if (bytes.length < FIXED_BYTES) return refused('authenticatorData');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const bits = view.getUint8(RP_ID_HASH_BYTES);
  const isSet = (flag: keyof AuthenticatorFlags): boolean => (bits & FLAG_BITS[flag]) !== 0;
  const flags = {
    UP: isSet('UP'),
    UV: isSet('UV'),
    AT: isSet('AT'),
    ED: isSet('ED'),
    BE: isSet('BE'),
    BS: isSet('BS'),
  };
  const fixed = {
    rpIdHash: bytes.subarray(0, RP_ID_HASH_BYTES),
    flags,
    signCount: view.getUint32(RP_ID_HASH_BYTES + 1),
  };
  let at = FIXED_BYTES;
  let attested: AttestedCredential | undefined;
  if (flags.AT) {
    const read = readAttested(bytes, view, at);
    if (!read.ok) return read;
    ({ attested, at } = read.value);
  }
  if (flags.ED) {
    const extensions = readCborItem(bytes, at);
    if (!extensions.ok || !(extensions.value.value instanceof Map)) return refused('authenticatorData');
    at = extensions.value.end;
  }
  if (at !== bytes.length) return refused('authenticatorData');
  return parsed({ ...fixed, ...(attested !== undefined && { attested }) });
}

function readAttested(
  bytes: Uint8Array,
  view: DataView,
  start: number,
): Parsed<{ readonly attested: AttestedCredential; readonly at: number }, 'authenticatorData' | 'credentialId'> {
  const idStart = start + ATTESTED_FIXED_BYTES;
  if (bytes.length < idStart) return refused('authenticatorData');
  const idLength = view.getUint16(start + AAGUID_BYTES);
  if (idLength === 0 || idLength > MAX_CREDENTIAL_ID_BYTES) return refused('credentialId');
  const keyStart = idStart + idLength;
  const key = readCborItem(bytes, keyStart);
  if (keyStart > bytes.length || !key.ok || !(key.value.value instanceof Map)) return refused('authenticatorData');
  const attested = {
    aaguid: uuidText(bytes.subarray(start, start + AAGUID_BYTES)),
    credentialId: bytes.subarray(idStart, keyStart),
    coseKey: key.value.value as CborMap,
  };
  return parsed({ attested, at: key.value.end });
}

/** A passkey that may not be backed up is not (WA-12). */
export const isBackupSound = ({ BE, BS }: AuthenticatorFlags): boolean => BE || !BS;

const uuidText = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
