import { getRounds } from 'bcryptjs';

/** A hash that another server has made, taken apart. */
export type ImportedHash =
  /** The digest of the password and then the salt (RFC 2307 and what directories made of it). */
  | { readonly kind: 'digest'; readonly algorithm: string; readonly digest: Buffer; readonly salt: Buffer }
  | {
      readonly kind: 'pbkdf2';
      readonly algorithm: string;
      readonly iterations: number;
      readonly digest: Buffer;
      readonly salt: Buffer;
    }
  | { readonly kind: 'bcrypt'; readonly cost: number; readonly text: string }
  | { readonly kind: 'argon2'; readonly memory: number; readonly passes: number; readonly text: string };

/** Why a password does not come along: its scheme is none of ours, its text is not of its scheme, or it would take too long to check. */
export type HashFault = 'scheme' | 'form' | 'cost';

/**
 * About a second on one processor at most, as are the next: wrong guesses at any name take as long as the dearest that was imported (ADR 87), so
 * that every stranger may spend it.
 */
const MAX_PBKDF2_ITERATIONS = 1_000_000;
const MAX_BCRYPT_COST = 13;
const MAX_ARGON2 = { m: 131_072, t: 10, p: 8 };
const MAX_SALT_BYTES = 64;
const MAX_LENGTH = 512;

const DIGESTS: Readonly<Record<string, readonly [algorithm: string, bytes: number]>> = {
  SSHA: ['sha1', 20],
  SSHA256: ['sha256', 32],
  SSHA384: ['sha384', 48],
  SSHA512: ['sha512', 64],
};
const PBKDF2: Readonly<Record<string, readonly [algorithm: string, bytes: number]>> = {
  PBKDF2: ['sha1', 20],
  'PBKDF2-HMAC-SHA256': ['sha256', 32],
  'PBKDF2-HMAC-SHA512': ['sha512', 64],
};

const PREFIX = /^\{([\w-]{1,32})\}/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const BCRYPT = /^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/;
const ARGON2 =
  /^\$argon2(?:id|i|d)\$v=19\$m=([1-9]\d{0,6}),t=([1-9]\d{0,2}),p=([1-9]\d{0,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{16,86})$/;
/** Blocks of memory for each lane, without which the function is not defined (RFC 9106 §3.1). */
const ARGON2_LANE = 8;

/** Whether it is what its bytes are written as: whoever reads strictly reads nothing else. */
const isWhole = (base64: string): boolean =>
  Buffer.from(base64, 'base64')
    .toString('base64')
    .replace(/={1,2}$/, '') === base64;

/** Directories put the salt behind the digest, whose length the scheme says. */
const digestAndSalt = (text: string, bytes: number): { digest: Buffer; salt: Buffer } | undefined => {
  if (!BASE64.test(text)) return undefined;
  const whole = Buffer.from(text, 'base64');
  if (whole.length <= bytes || whole.length > bytes + MAX_SALT_BYTES) return undefined;
  return { digest: whole.subarray(0, bytes), salt: whole.subarray(bytes) };
};

const readPbkdf2 = (algorithm: string, bytes: number, text: string): ImportedHash | HashFault => {
  const [, count = '', rest = ''] = /^([1-9]\d{0,9}):(.+)$/.exec(text) ?? [];
  const parts = digestAndSalt(rest, bytes);
  if (parts === undefined) return 'form';
  const iterations = Number(count);
  return iterations > MAX_PBKDF2_ITERATIONS ? 'cost' : { kind: 'pbkdf2', algorithm, iterations, ...parts };
};

const readBcrypt = (text: string): ImportedHash | HashFault => {
  // Its form is made sure of first. That this is imported here also tells whoever packs us that it is needed: the thread only names it.
  const cost = BCRYPT.test(text) ? getRounds(text) : 0;
  if (cost < 4 || cost > 31) return 'form';
  return cost > MAX_BCRYPT_COST ? 'cost' : { kind: 'bcrypt', cost, text };
};

const readArgon2 = (text: string): ImportedHash | HashFault => {
  const [, memory, time, lanes, salt = '', digest = ''] = ARGON2.exec(text) ?? [];
  const [m, t, p] = [Number(memory ?? 0), Number(time), Number(lanes)];
  // What the function itself would refuse: at a sign-in that would be a failure of the server, and no wrong guess.
  if (m === 0 || m < ARGON2_LANE * p || !isWhole(salt) || !isWhole(digest)) return 'form';
  return m > MAX_ARGON2.m || t > MAX_ARGON2.t || p > MAX_ARGON2.p
    ? 'cost'
    : { kind: 'argon2', memory: m, passes: t, text };
};

/** The scheme that a hash says it is of, as directories write it; undefined where there is none, as before a password in clear. */
export const schemeOfHash = (text: string): string | undefined => {
  if (/^\$2[aby]\$/.test(text)) return 'BCRYPT';
  if (text.startsWith('$argon2')) return 'ARGON2';
  return PREFIX.exec(text)?.[1]?.toUpperCase();
};

/**
 * A hash as directories and AM's users REST show it: salted SHA (RFC 2307), PBKDF2 and bcrypt as PingDS writes them, and Argon2 in
 * the PHC form. The names of schemes are read in any case. What it takes to check one is bounded.
 */
export const readImportedHash = (text: string): ImportedHash | HashFault => {
  const scheme = schemeOfHash(text);
  if (scheme === undefined) return 'scheme';
  if (text.length > MAX_LENGTH) return 'form';
  const rest = text.replace(PREFIX, '');
  const [digestAlgorithm, digestBytes] = DIGESTS[scheme] ?? [];
  if (digestAlgorithm !== undefined && digestBytes !== undefined) {
    const parts = digestAndSalt(rest, digestBytes);
    return parts === undefined ? 'form' : { kind: 'digest', algorithm: digestAlgorithm, ...parts };
  }
  const [algorithm, bytes] = PBKDF2[scheme] ?? [];
  if (algorithm !== undefined && bytes !== undefined) return readPbkdf2(algorithm, bytes, rest);
  // `{CRYPT}` is whatever the system of the directory knows; of that, bcrypt tells what it is.
  if (scheme === 'BCRYPT' || (scheme === 'CRYPT' && rest.startsWith('$2'))) return readBcrypt(rest);
  return scheme === 'ARGON2' ? readArgon2(rest) : 'scheme';
};

/** The text to store of a hash that is to be checked here; or why it cannot be. */
export const storedHash = (text: string): { readonly hash: string } | { readonly fault: HashFault } => {
  const read = readImportedHash(text);
  if (typeof read === 'string') return { fault: read };
  // What begins with `$argon2` is of our making, and hashed from our spelling of the password.
  if (read.kind === 'argon2') return { hash: `{ARGON2}${read.text}` };
  return { hash: read.kind === 'bcrypt' ? read.text : text };
};
