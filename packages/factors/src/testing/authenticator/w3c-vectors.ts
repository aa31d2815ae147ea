import { createHash, createPrivateKey, hkdfSync, type KeyObject } from 'node:crypto';
import { encodeBase64Url } from '@assent/push/protocol';
import type { AuthenticationAnswer, RegistrationAnswer } from '../../passkeys/ceremony/client-answer.ts';
import { PASSKEY_ALGORITHMS } from '../../passkeys/verification/public-key.ts';
import { encodeCbor } from '../../passkeys/verification/strict-cbor.ts';
import { type Attest, noAttestation, packedAttestation, selfAttestation, u2fAttestation } from './attestations.ts';
import { type CertificateExtension, type CertificateName, issueCertificate, pemOf } from './certificate.ts';
import { der, integer, octetString, sequence } from './der.ts';
import { deterministicEcKey } from './deterministic-ecdsa.ts';
import { FLAG_BITS, SoftwareAuthenticator } from './software-authenticator.ts';
import { type SoftwareKey, softwareKey } from './software-key.ts';
import { tpmAttestation, tpmExtensions } from './tpm-attestation.ts';

// The examples of WebAuthn Level 3 §16 (w3c/webauthn 146d0db, index.bs, "Test Vectors"). The standard says how each of its values is derived from one
// text: they are derived here in the same way, by our own authenticator, and `digest` is of the values that the standard prints, so that a test finds
// them to be the same to the last bit.

/** An example: a registration and an authentication with what it has made. */
export interface W3cVector {
  readonly name: string;
  readonly registration: { readonly challenge: string; readonly answer: RegistrationAnswer };
  readonly authentication: { readonly challenge: string; readonly answer: AuthenticationAnswer };
  readonly key: SoftwareKey;
  readonly backupEligible: boolean;
  /** SHA-256 in hex of what the standard prints: client data, attestation object; authenticator data, client data, signature. */
  readonly digest: string;
}

export const W3C_RP_ID = 'example.org';
export const W3C_ORIGIN = 'https://example.org';

const SECRET = 'WebAuthn test vectors';
const AUTHORITY: CertificateName = {
  commonName: SECRET,
  organization: 'W3C',
  unit: 'Authenticator Attestation CA',
  country: 'AA',
};
const SUBJECT: CertificateName = { ...AUTHORITY, unit: 'Authenticator Attestation' };
const APPLE_NONCE = '1.2.840.113635.100.8.2';
const ANDROID_KEY_DESCRIPTION = '1.3.6.1.4.1.11129.2.1.17';
const ED448 = -53;

/** Values one after the other, each by the number of those before it (RFC 5869). */
class Derived {
  readonly #info: string;
  #count = 0;

  constructor(info: string) {
    this.#info = info;
  }

  next(length: number): Uint8Array {
    const value = hkdfSync('sha256', SECRET, Uint8Array.of(this.#count), this.#info, length);
    this.#count += 1;
    return new Uint8Array(value);
  }

  bits(): number {
    return this.next(1)[0] ?? 0;
  }
}

const ofAuthority = new Derived('Attestation CA');
const authority = { name: AUTHORITY, key: deterministicEcKey(ofAuthority.next(32), PASSKEY_ALGORITHMS.ES256) };

/** The root that all certificates of the examples lead to. */
export const W3C_ROOT = pemOf(
  issueCertificate(authority, {
    serial: ofAuthority.next(16),
    subject: AUTHORITY,
    subjectKey: authority.key.publicKey,
    isAuthority: true,
  }),
);

interface Recipe {
  readonly info: string;
  readonly digest: string;
  readonly key: (values: Derived) => SoftwareKey;
  /** Takes what it needs of the values, in their order. */
  readonly attest?: (values: Derived) => Attest;
  readonly clientData?: Readonly<Record<string, unknown>>;
  readonly challengeBytes?: number;
  readonly credentialIdBytes?: number;
  /** A key of the first generation has no bits but one. */
  readonly hasPresenceAlone?: true;
}

const ec =
  (algorithm: number, bytes: number) =>
  (values: Derived): SoftwareKey =>
    deterministicEcKey(values.next(bytes), algorithm);
const es256 = ec(PASSKEY_ALGORITHMS.ES256, 32);

const edwards =
  (prefix: string, bytes: number, algorithm: number) =>
  (values: Derived): SoftwareKey => {
    const pkcs8 = Buffer.concat([Buffer.from(prefix, 'hex'), values.next(bytes)]);
    return softwareKey(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }), algorithm);
  };

const certificate = (
  serial: Uint8Array,
  subjectKey: KeyObject,
  extensions: readonly CertificateExtension[] = [],
): Uint8Array => issueCertificate(authority, { serial, subject: SUBJECT, subjectKey, extensions });

const certified = (values: Derived) => {
  const key = es256(values);
  return { key, certificates: [certificate(values.next(16), key.publicKey)] };
};
const packed = (values: Derived): Attest => packedAttestation(certified(values));
const u2f = (values: Derived): Attest => u2fAttestation(certified(values));
const apple = (values: Derived): Attest => {
  const serial = values.next(16);
  return ({ authData, clientDataHash, key }) => {
    const nonce = createHash('sha256').update(authData).update(clientDataHash).digest();
    const extension = { id: APPLE_NONCE, value: sequence(der(0xa1, octetString(nonce))) };
    return { format: 'apple', statement: new Map([['x5c', [certificate(serial, key.publicKey, [extension])]]]) };
  };
};
const tpm = (values: Derived): Attest => {
  const key = es256(values);
  const [serial, extensions] = [values.next(16), tpmExtensions('id:00000000', 'id:00000000', SECRET)];
  const own = issueCertificate(authority, { serial, subjectKey: key.publicKey, extensions });
  return tpmAttestation({ key, certificates: [own] });
};
/** Its description says that software keeps the key, and nothing of how it was made. */
const androidKey = (values: Derived): Attest => {
  const serial = values.next(16);
  return (made) => {
    const [version, none, software] = [
      integer(Uint8Array.of(1, 44)),
      integer(Uint8Array.of(0)),
      der(0x0a, Uint8Array.of(0)),
    ];
    const parts = [version, software, none, software, octetString(made.clientDataHash), octetString()];
    const description = { id: ANDROID_KEY_DESCRIPTION, value: sequence(...parts, sequence(), sequence()) };
    const certificates = [certificate(serial, made.key.publicKey, [description])];
    return { ...packedAttestation({ key: made.key, certificates })(made), format: 'android-key' };
  };
};

/** Of the two smallest primes of Mersenne with 1,024 bits and more. */
const mersenneKey = (): SoftwareKey => {
  const [p, q, e] = [2n ** 1_279n - 1n, 2n ** 2_203n - 1n, 65_537n];
  const d = inverse(e, (p - 1n) * (q - 1n));
  const members = { n: p * q, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
  const text = (number: bigint) => {
    const hex = number.toString(16);
    return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString('base64url');
  };
  const jwk = Object.fromEntries(Object.entries(members).map(([name, number]) => [name, text(number)]));
  return softwareKey(createPrivateKey({ key: { kty: 'RSA', ...jwk }, format: 'jwk' }), PASSKEY_ALGORITHMS.RS256);
};

/** By the algorithm of Euclid. */
function inverse(number: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [number % modulus, modulus, 1n, 0n];
  while (a > 1n) {
    const quotient = a / b;
    [a, b] = [b, a % b];
    [x, y] = [y, x - quotient * y];
  }
  return x < 0n ? x + modulus : x;
}

const RECIPES: readonly Recipe[] = [
  { info: 'none.ES256', key: es256, digest: 'c6f58f8fcc599d38038260e40373108a8826618aa10d88cb9639990e70962d71' },
  {
    info: 'packed-self.ES256',
    key: es256,
    attest: () => selfAttestation,
    digest: '82fa67138fd484b8a84ae0a935c9dd026158a38348b74e61718bc2fed4540d46',
  },
  {
    info: 'none.ES256.crossOrigin',
    key: es256,
    clientData: { crossOrigin: true },
    digest: '490eabab3915550411034b0b5e695c4e0bc1df40f7be53ebe70f555b09aeccd1',
  },
  {
    info: 'none.ES256.topOrigin',
    key: es256,
    clientData: { crossOrigin: true, topOrigin: 'https://example.com' },
    digest: '980ce56f3500f35a6e4082b22c3e8ae0d577a7a431d9049f9154f513eeb1e2aa',
  },
  {
    info: 'none.ES256.long-credential-id',
    key: es256,
    credentialIdBytes: 1_023,
    digest: '2d6fd540ae13661054b27563f28281be13c563f51572c0461ff2ca9d487580b9',
  },
  {
    info: 'packed.ES256',
    key: es256,
    attest: packed,
    digest: '4f09df9815fc434e8477fbd6cc92d0ea1e12c8f73707a88696cd58d7e31a687e',
  },
  {
    info: 'packed.ES384',
    key: ec(PASSKEY_ALGORITHMS.ES384, 48),
    attest: packed,
    digest: 'a1836c373eb692fe6bf0e84c3cbdcb0d6306ff40f1e7019ccb2d7164d7f0893c',
  },
  {
    info: 'packed.ES512',
    key: ec(PASSKEY_ALGORITHMS.ES512, 65),
    attest: packed,
    challengeBytes: 128,
    digest: 'a42047fd54df85cb16443985fb6f22e6e59f90e6ebf1b22955393fef402e9bcf',
  },
  {
    info: 'packed.RS256',
    key: mersenneKey,
    attest: packed,
    digest: '41d2b44e50be0d9b95be2362cec7499050d59d0d5651a148142e5945412f38aa',
  },
  {
    info: 'packed.EdDSA',
    key: edwards('302e020100300506032b657004220420', 32, PASSKEY_ALGORITHMS.EDDSA),
    attest: packed,
    digest: 'e57ce59b3d598274e6fddf2ffc96f9dc7c07bb7ee2d653d2f889eda6e1011a06',
  },
  {
    info: 'packed.Ed448',
    key: edwards('3047020100300506032b6571043b0439', 57, ED448),
    attest: packed,
    digest: '2052ec0a88ab3f9e9f8a4f50c9de0321a152ef0971d9f2f67bcd6684fd4e07d0',
  },
  {
    info: 'apple.ES256',
    key: es256,
    attest: apple,
    digest: '30987347cfd02bdd1151a8c4fd2a6caa51eceb603717c4101a962b211c303db8',
  },
  {
    info: 'tpm.ES256',
    key: es256,
    attest: tpm,
    digest: '84cc15f59f05d40480ef13cd91d0bb9577ba1508483335efd717a8764b34076e',
  },
  {
    info: 'android-key.ES256',
    key: es256,
    attest: androidKey,
    digest: '7e0b999ed85324233d0844e05b33143c9fa964f3d02960a9290313e65e07cc5b',
  },
  {
    info: 'fido-u2f.ES256',
    key: es256,
    attest: u2f,
    hasPresenceAlone: true,
    digest: '3d0a2be0e2e198a6f5f375f41dad23333d692af103216a7709ec6741415b389f',
  },
];

/** All of the examples that are derived here; made anew by each call, in about a tenth of a second. */
export const w3cVectors = (): readonly W3cVector[] => RECIPES.map(vectorOf);

function vectorOf(recipe: Recipe): W3cVector {
  const values = new Derived(recipe.info);
  const created = challengeOf(recipe, values, () => recipe.key(values));
  const aaguid = values.next(16);
  const credentialId = values.next(recipe.credentialIdBytes ?? 32);
  const bits = recipe.hasPresenceAlone ? 0 : values.bits();
  const flags = { UV: isSet(bits, 'UV'), BE: isSet(bits, 'BE'), BS: isSet(bits, 'BE') && isSet(bits, 'BS') };
  const authenticator = new SoftwareAuthenticator({ aaguid, flags });
  const page = { origin: W3C_ORIGIN, rpId: W3C_RP_ID, signCount: 0 };
  const registration = authenticator.create({
    ...page,
    ...created,
    key: created.made,
    credentialId,
    attest: recipe.attest?.(values) ?? noAttestation,
    ...(created.made.algorithm === ED448 && { coseKey: ed448CoseKey(created.made) }),
  });
  const asserted = challengeOf(recipe, values, () => undefined);
  const nextBits = values.bits();
  const nextFlags = {
    UV: isSet(nextBits, 'UV') && !recipe.hasPresenceAlone,
    BE: flags.BE,
    BS: flags.BE && isSet(nextBits, 'BS'),
  };
  const authentication = authenticator.get({ ...page, ...asserted, flags: nextFlags });
  return {
    name: recipe.info,
    registration: { challenge: created.challenge, answer: registration.answer },
    authentication: { challenge: asserted.challenge, answer: authentication.answer },
    key: created.made,
    backupEligible: flags.BE,
    digest: recipe.digest,
  };
}

/** The challenge, what is derived behind it, and a member more of the client data where a bit says so. */
function challengeOf<Made>({ challengeBytes = 32, clientData }: Recipe, values: Derived, make: () => Made) {
  const challenge = encodeBase64Url(values.next(challengeBytes));
  const made = make();
  const hasExtra = (values.bits() & 1) === 1;
  const extraData = hasExtra
    ? `clientDataJSON may be extended with additional fields in the future, such as this: ${encodeBase64Url(values.next(16))}`
    : undefined;
  return { challenge, made, clientData: { ...clientData, ...(hasExtra && { extraData }) } };
}

const isSet = (bits: number, flag: keyof typeof FLAG_BITS): boolean => (bits & FLAG_BITS[flag]) !== 0;

const ed448CoseKey = ({ publicKey }: SoftwareKey): Uint8Array =>
  encodeCbor(
    new Map<number, number | Uint8Array>([
      [1, 1],
      [3, ED448],
      [-1, 7],
      [-2, publicKey.export({ type: 'spki', format: 'der' }).subarray(-57)],
    ]),
  );

/** SHA-256 in hex of the values of an example, as they come one after the other. */
export const digestOf = ({ registration, authentication }: W3cVector): string => {
  const hash = createHash('sha256');
  const { answer } = authentication;
  hash.update(registration.answer.clientDataJson).update(registration.answer.attestationObject);
  return hash.update(answer.authenticatorData).update(answer.clientDataJson).update(answer.signature).digest('hex');
};
