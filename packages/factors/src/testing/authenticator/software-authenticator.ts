import { createHash, randomBytes } from 'node:crypto';
import { decodeBase64, encodeBase64Url, utf8Bytes } from '@assent/push/protocol';
import type { AuthenticationMetadata } from '../../passkeys/ceremony/authentication-options.ts';
import type { AuthenticationAnswer, RegistrationAnswer } from '../../passkeys/ceremony/client-answer.ts';
import type { RegistrationMetadata } from '../../passkeys/ceremony/registration-options.ts';
import type { AuthenticatorFlags } from '../../passkeys/verification/authenticator-data.ts';
import { encodeCoseKey } from '../../passkeys/verification/public-key.ts';
import { type CborMap, encodeCbor } from '../../passkeys/verification/strict-cbor.ts';
import {
  type AssertedCredential,
  authenticationAnswerText,
  type CreatedCredential,
  registrationAnswerText,
} from './answer-text.ts';
import { type Attest, noAttestation } from './attestations.ts';
import { newSoftwareKey, publicJwkOf, type SoftwareKey } from './software-key.ts';

/** What a client tells an authenticator, and what a test has it do wrong. */
export interface CeremonyOptions {
  /** base64url without padding. */
  readonly challenge: string;
  readonly origin: string;
  readonly rpId: string;
  /** In the place of present, verified, and neither to be backed up nor so. */
  readonly flags?: Partial<AuthenticatorFlags>;
  /** In the place of the next one. */
  readonly signCount?: number;
  /** Members of the client data that are added, or in the place of the client's own. */
  readonly clientData?: Readonly<Record<string, unknown>>;
}

export interface CreateOptions extends CeremonyOptions {
  /** The text that is kept as `user.id`. */
  readonly userHandle?: string;
  readonly credentialId?: Uint8Array;
  readonly key?: SoftwareKey;
  readonly attest?: Attest;
  /** What the client calls the device. */
  readonly deviceName?: string;
  /** Bytes of the COSE key, in the place of those that fit the key. */
  readonly coseKey?: Uint8Array;
}

export interface GetOptions extends CeremonyOptions {
  /** The passkey to use, in base64url; the newest where nothing is said. */
  readonly credentialId?: string;
  /** In the place of the one that was kept; an empty text sends none. */
  readonly userHandle?: string;
}

/** A passkey that the authenticator keeps. */
export interface SoftwarePasskey {
  readonly credentialId: string;
  readonly key: SoftwareKey;
  readonly userHandle: string;
  signCount: number;
  readonly backupEligible: boolean;
}

/** An answer, and the value of `webAuthnOutcome` that a client makes of it. */
export interface Answered<Answer> {
  readonly answer: Answer;
  readonly text: string;
}

/** The bits of authenticator data (WebAuthn Level 3 §6.1), as an authenticator knows them. */
export const FLAG_BITS: Readonly<Record<keyof AuthenticatorFlags, number>> = {
  UP: 1 << 0,
  UV: 1 << 2,
  BE: 1 << 3,
  BS: 1 << 4,
  AT: 1 << 6,
  ED: 1 << 7,
};
/** Models of authenticators that are nobody's. */
const AAGUID = Buffer.from('a55e47000000400080000000000000aa', 'hex');
const USUAL_FLAGS: AuthenticatorFlags = { UP: true, UV: true, AT: false, ED: false, BE: false, BS: false };

/**
 * An authenticator and the client before it, in software and without a screen: it makes passkeys and signs with them as a well-behaved one does,
 * and does one thing wrong where a test says so. Walks give it the `data` of a step (`register`, `signIn`) and send back the `text`; tests of
 * verification give it the parts (`create`, `get`).
 *
 * @example
 * const authenticator = new SoftwareAuthenticator();
 * const { text } = authenticator.register(metadata, 'https://login.example.com');
 */
export class SoftwareAuthenticator {
  /** The newest last. */
  readonly passkeys: SoftwarePasskey[] = [];
  readonly #aaguid: Uint8Array;
  readonly #attest: Attest;
  readonly #flags: AuthenticatorFlags;

  /** `flags` are those of all its answers, as of one that syncs its passkeys: `{ BE: true, BS: true }`. */
  constructor({
    aaguid = AAGUID,
    attest = noAttestation,
    flags = {},
  }: { readonly aaguid?: Uint8Array; readonly attest?: Attest; readonly flags?: Partial<AuthenticatorFlags> } = {}) {
    this.#aaguid = aaguid;
    this.#attest = attest;
    this.#flags = { ...USUAL_FLAGS, ...flags };
  }

  /** Answers the `data` of a registration, as a page of an origin does. */
  register(
    { challenge, _relyingPartyId, userId }: RegistrationMetadata,
    origin: string,
    options: Partial<CreateOptions> = {},
  ): Answered<RegistrationAnswer> {
    return this.create({
      challenge: challengeIn(challenge),
      origin,
      rpId: _relyingPartyId,
      userHandle: userId,
      ...options,
    });
  }

  /** Answers the `data` of an authentication, by the newest passkey that it names; where it names none, by the newest of all. */
  signIn(
    { challenge, _relyingPartyId, _allowCredentials }: AuthenticationMetadata,
    origin: string,
    options: Partial<GetOptions> = {},
  ): Answered<AuthenticationAnswer> {
    const allowed = new Set(_allowCredentials.map(({ id }) => encodeBase64Url(Uint8Array.from(id))));
    const passkey = this.passkeys.findLast(({ credentialId }) => allowed.size === 0 || allowed.has(credentialId));
    return this.get({
      challenge: challengeIn(challenge),
      origin,
      rpId: _relyingPartyId,
      ...(passkey !== undefined && { credentialId: passkey.credentialId }),
      ...options,
    });
  }

  /** Makes a passkey. */
  create({
    userHandle = '',
    credentialId = randomBytes(32),
    key = newSoftwareKey(),
    attest = this.#attest,
    coseKey,
    deviceName,
    ...ceremony
  }: CreateOptions): Answered<RegistrationAnswer> {
    const flags = { ...this.#flags, AT: true, ...ceremony.flags };
    const signCount = ceremony.signCount ?? 0;
    const clientDataJson = clientDataOf('webauthn.create', ceremony);
    const rpIdHash = sha256(utf8Bytes(ceremony.rpId));
    const attested = Buffer.concat([
      this.#aaguid,
      Uint8Array.of(credentialId.length >> 8, credentialId.length & 255),
      credentialId,
      coseKey ?? encodeCoseKey({ publicKey: publicJwkOf(key), algorithm: key.algorithm }),
    ]);
    const authData = authenticatorDataOf(rpIdHash, flags, signCount, flags.AT ? attested : new Uint8Array());
    const { format, statement } = attest({
      authData,
      clientDataHash: sha256(clientDataJson),
      rpIdHash,
      credentialId,
      key,
    });
    const object: CborMap = new Map<string, string | CborMap | Uint8Array>([
      ['fmt', format],
      ['attStmt', statement],
      ['authData', authData],
    ]);
    const id = encodeBase64Url(credentialId);
    this.passkeys.push({ credentialId: id, key, userHandle, signCount, backupEligible: flags.BE });
    const named = deviceName === undefined ? {} : { deviceName };
    const created: CreatedCredential = { clientDataJson, attestationObject: encodeCbor(object), id, ...named };
    const { attestationObject } = created;
    return {
      answer: { clientDataJson, attestationObject, credentialId: id, ...named },
      text: registrationAnswerText(created),
    };
  }

  /** Signs with a passkey; throws a `RangeError` where there is none. */
  get({ credentialId, userHandle, ...ceremony }: GetOptions): Answered<AuthenticationAnswer> {
    const passkey = this.passkeys.findLast((it) => credentialId === undefined || it.credentialId === credentialId);
    if (passkey === undefined) throw new RangeError('The authenticator has no such passkey.');
    passkey.signCount = ceremony.signCount ?? passkey.signCount + 1;
    const flags = { ...this.#flags, BE: passkey.backupEligible, ...ceremony.flags };
    const clientDataJson = clientDataOf('webauthn.get', ceremony);
    const rpIdHash = sha256(utf8Bytes(ceremony.rpId));
    const authenticatorData = authenticatorDataOf(rpIdHash, flags, passkey.signCount, new Uint8Array());
    const signature = passkey.key.sign(Buffer.concat([authenticatorData, sha256(clientDataJson)]));
    const handle = userHandle ?? passkey.userHandle;
    const asserted: AssertedCredential = {
      clientDataJson,
      authenticatorData,
      signature,
      id: passkey.credentialId,
      ...(handle !== '' && { userHandle: utf8Bytes(handle) }),
    };
    return {
      answer: {
        clientDataJson,
        authenticatorData,
        signature,
        credentialId: passkey.credentialId,
        ...(handle !== '' && { userHandle: handle }),
      },
      text: authenticationAnswerText(asserted),
    };
  }
}

/** What a client makes of the standard base64 of a step. */
const challengeIn = (base64: string): string => encodeBase64Url(decodeBase64(base64) ?? new Uint8Array());

/** The client's side: members in the order of WebAuthn Level 3 §5.8.1.1. */
const clientDataOf = (type: string, { challenge, origin, clientData }: CeremonyOptions): Uint8Array =>
  utf8Bytes(JSON.stringify({ type, challenge, origin, crossOrigin: false, ...clientData }));

function authenticatorDataOf(
  rpIdHash: Uint8Array,
  flags: AuthenticatorFlags,
  signCount: number,
  attested: Uint8Array,
): Uint8Array {
  const bits = Object.entries(FLAG_BITS).reduce(
    (sum, [name, bit]) => (flags[name as keyof AuthenticatorFlags] ? sum | bit : sum),
    0,
  );
  const fixed = new Uint8Array(5);
  new DataView(fixed.buffer).setUint8(0, bits);
  new DataView(fixed.buffer).setUint32(1, signCount);
  return new Uint8Array(Buffer.concat([rpIdHash, fixed, attested]));
}

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
