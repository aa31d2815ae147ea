/** Why a public key of another party is refused. */
export type ForeignKeyFault = 'kind' | 'private' | 'use' | 'size' | 'exponent' | 'curve' | 'algorithm';

/** Members that only a private or a shared key has (RFC 7518 §6). */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

const [MIN_RSA_BITS, MAX_RSA_BITS, MAX_EXPONENT_BITS] = [2_048, 4_096, 32];
/** Some write a zero before a number whose first bit is set, as Java does. */
const MAX_NUMBER_LENGTH = Math.ceil((MAX_RSA_BITS / 8 + 1) / 3) * 4;

/** Bytes of a coordinate, by curve. */
const CURVES: ReadonlyMap<
  unknown,
  { readonly kind: string; readonly bytes: number; readonly algorithms: readonly string[] }
> = new Map([
  ['P-256', { kind: 'EC', bytes: 32, algorithms: ['ES256'] }],
  ['P-384', { kind: 'EC', bytes: 48, algorithms: ['ES384'] }],
  ['P-521', { kind: 'EC', bytes: 66, algorithms: ['ES512'] }],
  ['Ed25519', { kind: 'OKP', bytes: 32, algorithms: ['EdDSA', 'Ed25519'] }],
]);
const RSA_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The bytes of base64url without padding (RFC 7515 §2); undefined for any other text. */
const bytesOf = (text: unknown): readonly number[] | undefined => {
  if (typeof text !== 'string' || text === '' || text.length > MAX_NUMBER_LENGTH || text.length % 4 === 1)
    return undefined;
  const bytes: number[] = [];
  let [bits, held] = [0, 0];
  for (const character of text) {
    const digit = DIGITS.indexOf(character);
    if (digit < 0) return undefined;
    held = ((held << 6) | digit) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >> bits) & 0xff);
    }
  }
  return bytes;
};

/** How many bits an odd number has; undefined for an even one, and for what is none. */
const bitsOfOdd = (text: unknown): number | undefined => {
  const bytes = bytesOf(text) ?? [];
  const first = bytes.findIndex((byte) => byte !== 0);
  if (first < 0 || ((bytes.at(-1) ?? 0) & 1) === 0) return undefined;
  return (bytes.length - first) * 8 - (Math.clz32(bytes[first] ?? 0) - 24);
};

/**
 * Why a public key of another party may verify nothing here, as a JWK; undefined for one that may (SEC-95). RSA keys have 2,048 to 4,096 bits and an
 * odd exponent of 3 to 32 bits: a larger one keeps a processor busy, and 1 signs everything. Where an algorithm is named, by the key or the
 * caller, it must be one of the key. That a point lies on its curve is checked where the key is imported.
 */
export const foreignKeyFault = (jwk: unknown, algorithm?: string): ForeignKeyFault | undefined => {
  if (typeof jwk !== 'object' || jwk === null) return 'kind';
  const key = jwk as Readonly<Record<string, unknown>>;
  if (PRIVATE_MEMBERS.some((name) => key[name] !== undefined)) return 'private';
  if (key.use !== undefined && key.use !== 'sig') return 'use';
  const named = [key.alg, algorithm].filter((it) => it !== undefined);
  const fits = (algorithms: readonly string[]) => named.every((it) => algorithms.some((known) => known === it));
  if (key.kty === 'RSA') {
    const [size, exponent] = [bitsOfOdd(key.n), bitsOfOdd(key.e)];
    if (size === undefined || size < MIN_RSA_BITS || size > MAX_RSA_BITS) return 'size';
    if (exponent === undefined || exponent < 2 || exponent > MAX_EXPONENT_BITS) return 'exponent';
    return fits(RSA_ALGORITHMS) ? undefined : 'algorithm';
  }
  if (key.kty !== 'EC' && key.kty !== 'OKP') return 'kind';
  const curve = CURVES.get(key.crv);
  if (curve?.kind !== key.kty) return 'curve';
  const coordinates = key.kty === 'EC' ? [key.x, key.y] : [key.x];
  if (!coordinates.every((it) => bytesOf(it)?.length === curve.bytes)) return 'curve';
  return fits(curve.algorithms) ? undefined : 'algorithm';
};
