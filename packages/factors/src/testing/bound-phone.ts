// biome-ignore lint/style/noRestrictedImports: an RSA pair, which by PEM is none of the generator's key objects (docs/adr/0031).
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { newEcKeyPair } from '@assent/push/jose';
import type { TestAttester } from './attestation-chain.ts';

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** A key pair of RSA, for tests of keys that are too short, too. */
export const newRsaKeyPair = (modulusLength: number): KeyPair => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { publicKey: createPublicKey(publicKey), privateKey: createPrivateKey(privateKey) };
};

/** It takes a while to make, so that tests of one process share it. */
let shared: KeyPair | undefined;
const sharedRsaKeyPair = (): KeyPair => {
  shared ??= newRsaKeyPair(2_048);
  return shared;
};

export interface BoundPhoneOptions {
  /** Android signs by RS512 and iOS by ES256, as the official apps do (spec: webauthn §7.3). */
  readonly platform?: 'android' | 'ios';
  readonly applicationId?: string;
  readonly kid?: string;
}

/** What the server asks for, as its callback says it. */
export interface AskedToSign {
  readonly userId: string;
  readonly challenge: string;
  /** Seconds. */
  readonly timeout?: number;
  /** Milliseconds, by the clock of the phone. */
  readonly now: number;
}

/** What an app does otherwise than the official ones; members that are undefined are left out. */
export interface OtherWords {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly jwk?: Readonly<Record<string, unknown>>;
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** An app on a phone that makes a key and signs by it, as small as a test needs it. */
export class BoundPhone {
  readonly platform: 'android' | 'ios';
  readonly applicationId: string;
  readonly kid: string;
  readonly #keys: KeyPair;

  constructor({ platform = 'ios', applicationId = 'com.example.app', kid = randomUUID() }: BoundPhoneOptions = {}) {
    this.platform = platform;
    this.applicationId = applicationId;
    this.kid = kid;
    this.#keys = platform === 'android' ? sharedRsaKeyPair() : newEcKeyPair();
  }

  get publicKey(): KeyObject {
    return this.#keys.publicKey;
  }

  get alg(): 'RS512' | 'ES256' {
    return this.platform === 'android' ? 'RS512' : 'ES256';
  }

  /** Its public key, as the header of a binding has it. */
  get jwk(): Readonly<Record<string, unknown>> {
    return { ...this.#keys.publicKey.export({ format: 'jwk' }), kid: this.kid, use: 'sig', alg: this.alg };
  }

  /** What it answers to a Device Binding node; with an attester its hardware vouches for the key. */
  bind(asked: AskedToSign, other: OtherWords = {}, attester?: TestAttester): string {
    const vouched = attester?.vouchFor(this.publicKey, {
      challenge: Buffer.from(asked.challenge, 'base64'),
      applicationId: this.applicationId,
    });
    const jwk = { ...this.jwk, ...(vouched && { x5c: vouched.certificates }), ...other.jwk };
    const own = this.platform === 'android' ? { platform: 'android', 'android-version': '34' } : { platform: 'ios' };
    return this.jws({ jwk, ...other.header }, { ...this.#claims(asked), ...own, ...other.claims });
  }

  /** What it answers to a Device Signing Verifier node. */
  sign(asked: AskedToSign, other: OtherWords = {}): string {
    return this.jws({ ...other.header }, { ...this.#claims(asked), ...other.claims });
  }

  /** Whatever is to be said, signed by its key. */
  jws(header: object, claims: object): string {
    const own = { ...(this.platform === 'ios' && { typ: 'JWS' }), alg: this.alg, kid: this.kid };
    const input = `${encoded({ ...own, ...header })}.${encoded(claims)}`;
    return `${input}.${this.signature(input).toString('base64url')}`;
  }

  signature(input: string): Buffer {
    const key = this.#keys.privateKey;
    return this.platform === 'android'
      ? sign('sha512', Buffer.from(input), key)
      : sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  }

  #claims({ userId, challenge, timeout = 60, now }: AskedToSign): Readonly<Record<string, unknown>> {
    const seconds = Math.floor(now / 1_000);
    return { sub: userId, iss: this.applicationId, exp: seconds + timeout, iat: seconds, nbf: seconds, challenge };
  }
}
