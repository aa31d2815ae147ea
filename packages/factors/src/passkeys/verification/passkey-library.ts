import type { Lane } from '@assent/engine/host';
import { encodeBase64Url } from '@assent/push/protocol';
import type { ChainCall, ChainJudge } from '../trust/trusted-chain.ts';
import { encodeCoseKey, type PasskeyKey } from './public-key.ts';

/** What a library that knows the formats of authenticators says of an answer. `why` is for logs. */
export type LibraryVerdict = { readonly accepted: true } | { readonly accepted: false; readonly why: string };

/**
 * Judges the formats of attestations and the signatures of passkeys. Each promise rejects where there is no verdict, with `OVERLOADED` where too many
 * answers wait: an error of the server, which says nothing about the answer of the client.
 */
export interface PasskeyJudge extends ChainJudge {
  judgeRegistration(call: RegistrationCall): Promise<LibraryVerdict>;
  judgeAssertion(call: AssertionCall): Promise<LibraryVerdict>;
  judgeChain(call: ChainCall): Promise<LibraryVerdict>;
}

/** The library that verifies passkeys, outside the event loop. Each promise rejects where the library cannot be asked. */
export interface PasskeyLibrary {
  /** The judge for one caller of a realm. Realms and their callers take turns (SEC-93). */
  inLane(lane: Lane): PasskeyJudge;
  /** PEM of the certificates that metadata of the FIDO Alliance is signed under. */
  metadataRoots(): Promise<string>;
  /** What a blob of metadata says, if that key has signed it. Whose key it is the caller has to know. */
  readMetadata(call: MetadataCall): Promise<MetadataVerdict>;
}

export interface MetadataCall {
  /** A JWS in its compact form. */
  readonly blob: Uint8Array;
  /** Of RFC 7518: RS or ES, and the bits of the hash. */
  readonly algorithm: string;
  /** PEM. */
  readonly key: string;
}

/** `value` is what `readEdition` reads. */
export type MetadataVerdict =
  | { readonly accepted: true; readonly value: unknown }
  | Exclude<LibraryVerdict, { accepted: true }>;

/** What both ceremonies expect. */
interface CeremonyCall {
  readonly clientDataJson: Uint8Array;
  /** base64url without padding. */
  readonly credentialId: string;
  /** base64url without padding. */
  readonly challenge: string;
  readonly origin: string;
  readonly rpId: string;
  readonly isUserVerificationRequired: boolean;
}

export interface RegistrationCall extends CeremonyCall {
  readonly attestationObject: Uint8Array;
  readonly algorithm: number;
  readonly isUserPresenceRequired: boolean;
}

export interface AssertionCall extends CeremonyCall {
  readonly authenticatorData: Uint8Array;
  readonly signature: Uint8Array;
  readonly key: PasskeyKey;
}

/** The arguments of `verifyRegistrationResponse` of `@simplewebauthn/server`. */
export const registrationArguments = (call: RegistrationCall) => ({
  response: {
    ...credential(call),
    response: {
      clientDataJSON: encodeBase64Url(call.clientDataJson),
      attestationObject: encodeBase64Url(call.attestationObject),
    },
  },
  ...expectations(call),
  requireUserPresence: call.isUserPresenceRequired,
  supportedAlgorithmIDs: [call.algorithm],
});

/** The arguments of `verifyAuthenticationResponse`. It is given no count: what becomes of a wrong one is ours to decide (WA-11). */
export const assertionArguments = (call: AssertionCall) => ({
  response: {
    ...credential(call),
    response: {
      clientDataJSON: encodeBase64Url(call.clientDataJson),
      authenticatorData: encodeBase64Url(call.authenticatorData),
      signature: encodeBase64Url(call.signature),
    },
  },
  ...expectations(call),
  credential: { id: call.credentialId, publicKey: encodeCoseKey(call.key), counter: 0 },
});

/** The arguments of `validateCertificatePath`. */
export const chainArguments = ({ certificates, root }: ChainCall): [string[], string[]] => [
  certificates.map(pemOf),
  [root],
];

const credential = ({ credentialId }: CeremonyCall) => ({
  id: credentialId,
  rawId: credentialId,
  type: 'public-key' as const,
  clientExtensionResults: {},
});

const expectations = ({ challenge, origin, rpId, isUserVerificationRequired }: CeremonyCall) => ({
  expectedChallenge: challenge,
  expectedOrigin: origin,
  expectedRPID: rpId,
  requireUserVerification: isUserVerificationRequired,
});

const pemOf = (der: Uint8Array): string => {
  const lines = Buffer.from(der)
    .toString('base64')
    .replace(/.{1,64}/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`;
};
