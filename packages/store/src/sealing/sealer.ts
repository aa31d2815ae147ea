import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { Random } from '@assent/engine';
import type { DataKey, Purpose } from './data-key.ts';
import { type DataKeyRing, UnknownDataKey } from './data-key-ring.ts';

/** Where a sealed value belongs. It is authenticated with the value: moved to another row it no longer opens (SEC-74). */
export interface Place {
  readonly table: string;
  readonly id: string;
  readonly realm: string;
  readonly userId: string;
}

export interface Sealer {
  seal(purpose: Purpose, place: Place, plain: string | Uint8Array): Uint8Array;
  /** Throws where the value was changed, or sealed for another place: for what nothing works without. */
  open(purpose: Purpose, place: Place, sealed: Uint8Array): Buffer;
  /**
   * Undefined there, and the alarm is raised: the record counts as not there for whoever asked, and whatever else was read
   * with it is read all the same. One record that somebody has tampered with is no outage (SEC-74).
   */
  tryOpen(purpose: Purpose, place: Place, sealed: Uint8Array): Buffer | undefined;
}

/** A sealed record: format (1 byte), key id (4), nonce (12), tag (16), ciphertext. */
const FORMAT = 1;
const NONCE_AT = 5;
const TAG_AT = NONCE_AT + 12;
const TEXT_AT = TAG_AT + 16;
const PREFIX_BYTES = 8;
const MAX_COUNT = 0xffff_ffff;

/**
 * Nonces that never repeat under a key: a random prefix for each run, then a counter (NIST SP 800-38D §8.2.1). Random
 * nonces alone would use a key up after 2^32 records (§8.3), which a busy server writes in weeks.
 */
const nonceSource = (random: Random): ((target: Buffer) => void) => {
  let prefix = random.bytes(PREFIX_BYTES);
  let count = 0;
  return (target) => {
    if (count === MAX_COUNT) {
      prefix = random.bytes(PREFIX_BYTES);
      count = 0;
    }
    count += 1;
    target.set(prefix, NONCE_AT);
    target.writeUInt32BE(count, NONCE_AT + PREFIX_BYTES);
  };
};

const authenticated = (place: Place): Buffer =>
  Buffer.from(`${place.table}\0${place.id}\0${place.realm}\0${place.userId}`);

const sealWith = (
  key: KeyObject,
  keyId: number,
  fillNonce: (target: Buffer) => void,
  place: Place,
  plain: string | Uint8Array,
): Buffer => {
  const bytes = typeof plain === 'string' ? Buffer.from(plain) : plain;
  const sealed = Buffer.allocUnsafe(TEXT_AT + bytes.length);
  sealed[0] = FORMAT;
  sealed.writeUInt32BE(keyId, 1);
  fillNonce(sealed);
  const cipher = createCipheriv('aes-256-gcm', key, sealed.subarray(NONCE_AT, TAG_AT));
  cipher.setAAD(authenticated(place));
  sealed.set(cipher.update(bytes), TEXT_AT);
  cipher.final();
  sealed.set(cipher.getAuthTag(), TAG_AT);
  return sealed;
};

const openWith = (key: KeyObject, place: Place, sealed: Uint8Array): Buffer => {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(NONCE_AT, TAG_AT), { authTagLength: 16 });
  decipher.setAAD(authenticated(place));
  decipher.setAuthTag(sealed.subarray(TAG_AT, TEXT_AT));
  const plain = decipher.update(sealed.subarray(TEXT_AT));
  decipher.final();
  return plain;
};

/** The id of the key that a record lies under. */
export const keyIdOf = (sealed: Uint8Array): number => {
  if (sealed.length < TEXT_AT || sealed[0] !== FORMAT) throw new Error('not a sealed record');
  return new DataView(sealed.buffer, sealed.byteOffset, sealed.byteLength).getUint32(1);
};

/** As it stands in a record, from its second byte on. */
export const bytesOfKeyId = (id: number): Uint8Array => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(id);
  return bytes;
};

/** Seals under the key of a purpose that is in use, and opens under any of them. */
export const createSealer = (
  keys: DataKeyRing,
  random: Random,
  alarm: (place: Place) => void = () => undefined,
): Sealer => {
  const fillNonce = nonceSource(random);
  const open = (purpose: Purpose, place: Place, sealed: Uint8Array): Buffer => {
    const found = keys.find(keyIdOf(sealed));
    if (found?.purpose !== purpose) throw new Error(`sealed under no data key for ${purpose}`);
    return openWith(found.key, place, sealed);
  };
  return {
    seal(purpose, place, plain) {
      const found = keys.active(purpose);
      if (found === undefined) throw new Error(`no data key for ${purpose}`);
      return sealWith(found.key, found.id, fillNonce, place, plain);
    },
    open,
    tryOpen(purpose, place, sealed) {
      try {
        return open(purpose, place, sealed);
      } catch (failure) {
        // Whoever asked has the keys read, and asks once more.
        if (failure instanceof UnknownDataKey) throw failure;
        alarm(place);
        return undefined;
      }
    },
  };
};

const placeOfKey = (id: number, purpose: string): Place => ({
  table: 'data_key',
  id: String(id),
  realm: '',
  userId: purpose,
});

/** Data keys as they are stored: sealed under the master key, which itself is stored nowhere. */
export const wrapDataKey = (masterKey: Uint8Array, key: DataKey, random: Random): Uint8Array =>
  sealWith(createSecretKey(masterKey), 0, nonceSource(random), placeOfKey(key.id, key.purpose), key.bytes);

/** Names a master key, and tells nothing of it. */
export const masterKeyId = (masterKey: Uint8Array): string =>
  createHmac('sha256', masterKey).update('the name of a master key').digest('base64url').slice(0, 8);

/** Throws where the master key is another one. */
export const unwrapDataKey = (masterKey: Uint8Array, id: number, purpose: string, wrapped: Uint8Array): Uint8Array =>
  openWith(createSecretKey(masterKey), placeOfKey(id, purpose), wrapped);
