import { encodeBase64, encodeTextUrl } from '@assent/push/protocol';
import {
  type CredentialDescriptorJson,
  challengeBytes,
  credentialDescriptors,
  credentialsAsScript,
  type MetadataCredential,
  metadataCredentials,
  type NamedCredential,
  type SelectionCriteria,
  type SelectionJson,
  selectionJson,
} from './webauthn-options.ts';

export type AttestationPreference = 'none' | 'indirect' | 'direct';

/** What a server asks of a client and its authenticator when a passkey is made. */
export interface RegistrationRequest {
  /** base64url without padding. */
  readonly challenge: string;
  readonly relyingParty: { readonly id: string; readonly name: string };
  /** `handle` is the text that the authenticator keeps as `user.id`; without a display name, the name is shown. */
  readonly user: { readonly handle: string; readonly name: string; readonly displayName?: string };
  /** COSE algorithms, the most wanted first. */
  readonly algorithms: readonly number[];
  readonly timeoutMillis: number;
  readonly attestation: AttestationPreference;
  readonly selection: SelectionCriteria;
  /** An authenticator that has one of these makes no other. */
  readonly excluded: readonly NamedCredential[];
  /** Client extensions, as they are to be sent. */
  readonly extensions: Readonly<Record<string, unknown>>;
  /** The browser makes the passkey by itself, or none (WebAuthn Level 3 §5.1.3). */
  readonly mediation?: 'conditional';
}

/** `data` of the MetadataCallback of a registration: members in this order, most of them texts (spec: webauthn §3.1). */
export interface RegistrationMetadata {
  readonly _action: 'webauthn_registration';
  /** Standard base64 with padding, for `atob`. */
  readonly challenge: string;
  readonly attestationPreference: AttestationPreference;
  readonly userName: string;
  /** Its ASCII bytes are the handle. */
  readonly userId: string;
  readonly relyingPartyName: string;
  readonly authenticatorSelection: string;
  readonly _authenticatorSelection: SelectionJson;
  readonly pubKeyCredParams: string;
  readonly _pubKeyCredParams: readonly CredentialParameter[];
  /** In milliseconds. */
  readonly timeout: string;
  readonly excludeCredentials: string;
  readonly _excludeCredentials: readonly MetadataCredential[];
  readonly displayName: string;
  readonly relyingPartyId: string;
  readonly _relyingPartyId: string;
  readonly extensions: Readonly<Record<string, unknown>>;
  readonly _type: 'WebAuthn';
  readonly supportsJsonResponse: true;
  readonly mediation?: 'conditional';
}

interface CredentialParameter {
  readonly type: 'public-key';
  readonly alg: number;
}

/** `PublicKeyCredentialCreationOptionsJSON` (WebAuthn Level 3 §5.1.8), for `parseCreationOptionsFromJSON()` and our own pages. */
export interface CreationOptionsJson {
  readonly rp: { readonly id: string; readonly name: string };
  readonly user: { readonly id: string; readonly name: string; readonly displayName: string };
  readonly challenge: string;
  readonly pubKeyCredParams: readonly CredentialParameter[];
  readonly timeout: number;
  readonly excludeCredentials: readonly CredentialDescriptorJson[];
  readonly authenticatorSelection: SelectionJson;
  readonly attestation: AttestationPreference;
  readonly extensions: Readonly<Record<string, unknown>>;
}

/** @see spec: webauthn §3.1 */
export const registrationMetadata = (request: RegistrationRequest): RegistrationMetadata => {
  const { challenge, relyingParty, user, excluded } = request;
  const selection = selectionJson(request.selection);
  return {
    _action: 'webauthn_registration',
    challenge: encodeBase64(challengeBytes(challenge)),
    attestationPreference: request.attestation,
    userName: user.name,
    userId: user.handle,
    relyingPartyName: relyingParty.name,
    authenticatorSelection: JSON.stringify(selection),
    _authenticatorSelection: selection,
    pubKeyCredParams: parametersText(request.algorithms),
    _pubKeyCredParams: credentialParameters(request.algorithms),
    timeout: `${request.timeoutMillis}`,
    excludeCredentials: credentialsAsScript(excluded),
    _excludeCredentials: metadataCredentials(excluded),
    displayName: user.displayName ?? user.name,
    relyingPartyId: `id: "${relyingParty.id}",`,
    _relyingPartyId: relyingParty.id,
    extensions: request.extensions,
    _type: 'WebAuthn',
    supportsJsonResponse: true,
    ...(request.mediation !== undefined && { mediation: request.mediation }),
  };
};

export const creationOptionsJson = (request: RegistrationRequest): CreationOptionsJson => {
  const { challenge, relyingParty, user } = request;
  return {
    rp: { id: relyingParty.id, name: relyingParty.name },
    user: { id: encodeTextUrl(user.handle), name: user.name, displayName: user.displayName ?? user.name },
    challenge,
    pubKeyCredParams: credentialParameters(request.algorithms),
    timeout: request.timeoutMillis,
    excludeCredentials: credentialDescriptors(request.excluded),
    authenticatorSelection: selectionJson(request.selection),
    attestation: request.attestation,
    extensions: request.extensions,
  };
};

const credentialParameters = (algorithms: readonly number[]): readonly CredentialParameter[] =>
  algorithms.map((alg) => ({ type: 'public-key', alg }));

/** Clients of AM parse it as JSON, and find it in a script by its blanks. */
export const parametersText = (algorithms: readonly number[]): string =>
  `[ ${algorithms.map((alg) => `{ "type": "public-key", "alg": ${alg} }`).join(', ')} ]`;
