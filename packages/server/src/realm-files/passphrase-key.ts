import { scrypt } from 'node:crypto';

/** What a passphrase costs to try: 128 MiB and a good part of a second, which belong to the format of the files; the cheap one is for tests only. */
const COSTS = {
  'of-files': { N: 2 ** 17, r: 8, p: 1, maxmem: 160 * 1024 * 1024 },
  'cheap-for-tests': { N: 2, r: 8, p: 1 },
} as const;

export type PassphraseCost = keyof typeof COSTS;

const KEY_LENGTH = 32;

/** A passphrase as files take it: the key of 32 bytes that it gives with a salt. */
export type PassphraseKey = (salt: Uint8Array) => Promise<Buffer>;

/** The keys that a passphrase gives, by scrypt (RFC 7914): however its letters are composed, the same ones. */
export const passphraseKey =
  (passphrase: string, cost: PassphraseCost = 'of-files'): PassphraseKey =>
  (salt) =>
    new Promise((resolve, reject) => {
      scrypt(passphrase.normalize('NFC'), salt, KEY_LENGTH, COSTS[cost], (error, key) =>
        error === null ? resolve(key) : reject(error),
      );
    });
