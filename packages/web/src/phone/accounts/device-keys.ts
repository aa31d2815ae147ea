import {
  type Claims,
  decodeJwsPayload,
  type EcPublicJwk,
  encodeBase64,
  encodeJwsParts,
  encodeJwsSigningInput,
  movingFactorBytes,
  type Parsed,
  parsed,
  parseEcPublicJwk,
  splitCompactJws,
  utf8Bytes,
} from '@assent/push/protocol';

const { subtle } = globalThis.crypto;

const SHARED = { name: 'HMAC', hash: 'SHA-256' } as const;
const DEVICE = { name: 'ECDSA', namedCurve: 'P-256' } as const;

/** The hash of a one-time code. */
export type CodeHash = 'SHA1' | 'SHA256' | 'SHA512';

/** A copy that WebCrypto accepts: it wants bytes in memory that nobody shares. */
const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

/** Takes K in so that it can be used and never read. */
export const importSharedKey = (secret: Uint8Array): Promise<CryptoKey> =>
  subtle.importKey('raw', own(secret), SHARED, false, ['sign', 'verify']);

/** Takes the key of one-time codes in so that it can be used and never read. */
export const importCodeKey = (secret: Uint8Array, hash: CodeHash): Promise<CryptoKey> =>
  subtle.importKey('raw', own(secret), { name: 'HMAC', hash: hash.replace('SHA', 'SHA-') }, false, ['sign']);

/** A new P-256 key of this phone; the private half cannot leave it (design.md §3 decision 6). */
export const makeDeviceKey = async (): Promise<{ readonly privateKey: CryptoKey; readonly publicJwk: EcPublicJwk }> => {
  const { privateKey, publicKey } = await subtle.generateKey(DEVICE, false, ['sign', 'verify']);
  const publicJwk = parseEcPublicJwk(await subtle.exportKey('jwk', publicKey));
  if (publicJwk === undefined) throw new TypeError('The browser made a key that is not P-256.');
  return { privateKey, publicJwk };
};

/** `base64(HMAC-SHA-256(K, challenge))`. @see push-protocol.md §0.4 */
export const answerChallenge = async (sharedKey: CryptoKey, challenge: Uint8Array): Promise<string> => {
  // K also signs JWTs: a challenge of another length could spell one out.
  if (challenge.length !== 32) throw new RangeError('A challenge has 32 bytes.');
  return encodeBase64(new Uint8Array(await subtle.sign('HMAC', sharedKey, own(challenge))));
};

/** A JWT by the shared key: only the registration, before the server knows this phone's own key. */
export const signBySharedKey = async (claims: object, sharedKey: CryptoKey): Promise<string> => {
  const input = encodeJwsSigningInput('HS256', claims);
  return encodeJwsParts(input, new Uint8Array(await subtle.sign('HMAC', sharedKey, own(utf8Bytes(input)))));
};

/** A JWT by this phone's own key: everything after the registration. */
export const signByDeviceKey = async (claims: object, deviceKey: CryptoKey): Promise<string> => {
  const input = encodeJwsSigningInput('ES256', claims);
  const signature = await subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, deviceKey, own(utf8Bytes(input)));
  return encodeJwsParts(input, new Uint8Array(signature));
};

/** The claims of a message that this key has signed, with HS256 and nothing else. @see push-protocol.md §3.6 */
export const openBySharedKey = async (jwt: string, sharedKey: CryptoKey): Promise<Parsed<Claims>> => {
  const jws = splitCompactJws(jwt);
  if (!jws.ok) return jws;
  const { alg, signingInput, signature, payload } = jws.value;
  if (alg !== 'HS256') return { ok: false, reason: 'not HS256' };
  // `verify` compares in constant time.
  const isGenuine = await subtle.verify('HMAC', sharedKey, own(signature), own(utf8Bytes(signingInput)));
  if (!isGenuine) return { ok: false, reason: 'bad signature' };
  const claims = decodeJwsPayload(payload);
  return claims.ok ? parsed(claims.value) : claims;
};

/** The HMAC of a counter, for one-time codes. */
export const hmacOfCounter = async (key: CryptoKey, counter: number): Promise<Uint8Array> =>
  new Uint8Array(await subtle.sign('HMAC', key, movingFactorBytes(counter)));
