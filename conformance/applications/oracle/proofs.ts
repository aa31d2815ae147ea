import { createECDH, createHash, createHmac, createPrivateKey, type KeyObject, randomUUID, sign } from 'node:crypto';

/** Keys of P-256 that are no secret, so that a failure looks the same tomorrow. */
const keyOf = (name: string): KeyObject => {
  const pair = createECDH('prime256v1');
  const scalar = createHash('sha256').update(`oracle ${name}`).digest();
  pair.setPrivateKey(scalar);
  const point = pair.getPublicKey();
  const text = (bytes: Buffer) => bytes.toString('base64url');
  const [x, y, d] = [text(point.subarray(1, 33)), text(point.subarray(33)), text(scalar)];
  return createPrivateKey({ key: { kty: 'EC', crv: 'P-256', x, y, d }, format: 'jwk' });
};

export type KeyName = 'client' | 'app' | 'thief';

const KEYS: ReadonlyMap<KeyName, KeyObject> = new Map(
  (['client', 'app', 'thief'] as const).map((name) => [name, keyOf(name)]),
);

const privateKey = (name: KeyName): KeyObject => {
  const key = KEYS.get(name);
  if (key === undefined) throw new RangeError(`There is no key ${name}.`);
  return key;
};

interface EcJwk {
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  readonly y: string;
}

export const publicJwk = (name: KeyName): EcJwk => {
  const { kty = '', crv = '', x = '', y = '' } = privateKey(name).export({ format: 'jwk' });
  return { kty, crv, x, y };
};

const privateJwk = (name: KeyName): object => privateKey(name).export({ format: 'jwk' });

export const thumbprint = (name: KeyName): string => {
  const { kty, crv, x, y } = publicJwk(name);
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
};

type Json = Readonly<Record<string, unknown>>;

const part = (value: Json): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The algorithm of the header is believed: `none` has no signature, an HMAC is by the public key. */
const jwt = (header: Json, claims: Json, key: KeyName): string => {
  const input = `${part(header)}.${part(claims)}`;
  const signature = () => {
    if (header.alg === 'none') return '';
    if (header.alg === 'HS256')
      return createHmac('sha256', JSON.stringify(publicJwk(key)))
        .update(input)
        .digest('base64url');
    return sign('sha256', Buffer.from(input), { key: privateKey(key), dsaEncoding: 'ieee-p1363' }).toString(
      'base64url',
    );
  };
  return `${input}.${signature()}`;
};

/** What is put over the members of a proof; `undefined` leaves one out. */
export interface ProofOver {
  readonly header?: Json;
  readonly claims?: Json;
  readonly signedBy?: KeyName;
}

export const ath = (token: string): string => createHash('sha256').update(token).digest('base64url');

/** A proof of RFC 9449 §4.2 that is right but for what is put over it. */
export const dpopProof = (
  { htu, iat, htm = 'POST' }: { readonly htu: string; readonly iat: number; readonly htm?: string },
  { header = {}, claims = {}, signedBy = 'app' }: ProofOver = {},
): string =>
  jwt(
    { typ: 'dpop+jwt', alg: 'ES256', jwk: publicJwk('app'), ...header },
    { jti: randomUUID(), htm, htu, iat, ...claims },
    signedBy,
  );

/** Header values that stand for a key that may not be in a proof. */
export const PRIVATE_KEY_IN_HEADER = (): Json => ({ jwk: privateJwk('app') });

/** An assertion of RFC 7523 §2.2 of the client `jwt` that is right but for what is put over it. */
export const clientAssertion = (
  { audience, now }: { readonly audience: string; readonly now: number },
  { header = {}, claims = {}, signedBy = 'client' }: ProofOver = {},
): string =>
  jwt(
    { alg: 'ES256', ...header },
    { iss: 'jwt', sub: 'jwt', aud: audience, jti: randomUUID(), iat: now, exp: now + 60, ...claims },
    signedBy,
  );
