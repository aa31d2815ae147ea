import { encodeBase64 } from '@assent/push/protocol';
import {
  type CredentialDescriptorJson,
  challengeBytes,
  credentialDescriptors,
  credentialsAsScript,
  type MetadataCredential,
  metadataCredentials,
  type NamedCredential,
  type UserVerification,
} from './webauthn-options.ts';

/** What a server asks of a client and its authenticator when somebody signs in. */
export interface AuthenticationRequest {
  /** base64url without padding. */
  readonly challenge: string;
  readonly relyingPartyId: string;
  readonly timeoutMillis: number;
  readonly userVerification: UserVerification;
  /** Empty where the authenticator is to name the user. */
  readonly allowed: readonly NamedCredential[];
  readonly extensions: Readonly<Record<string, unknown>>;
  /** `conditional` offers passkeys where names are filled in (node version 2.0). */
  readonly mediation?: 'conditional';
}

/** `data` of the MetadataCallback of an authentication: members in this order, most of them texts (spec: webauthn §3.2). */
export interface AuthenticationMetadata {
  readonly _action: 'webauthn_authentication';
  /** Standard base64 with padding, for `atob`. */
  readonly challenge: string;
  readonly allowCredentials: string;
  readonly _allowCredentials: readonly MetadataCredential[];
  /** In milliseconds. */
  readonly timeout: string;
  readonly userVerification: UserVerification;
  readonly relyingPartyId: string;
  readonly _relyingPartyId: string;
  readonly extensions: Readonly<Record<string, unknown>>;
  readonly _type: 'WebAuthn';
  readonly supportsJsonResponse: true;
  readonly mediation?: 'conditional';
}

/** `PublicKeyCredentialRequestOptionsJSON` (WebAuthn Level 3 §5.1.9), for `parseRequestOptionsFromJSON()` and our own pages. */
export interface RequestOptionsJson {
  readonly challenge: string;
  readonly timeout: number;
  readonly rpId: string;
  readonly allowCredentials: readonly CredentialDescriptorJson[];
  readonly userVerification: UserVerification;
  readonly extensions: Readonly<Record<string, unknown>>;
}

/** @see spec: webauthn §3.2 */
export const authenticationMetadata = (request: AuthenticationRequest): AuthenticationMetadata => ({
  _action: 'webauthn_authentication',
  challenge: encodeBase64(challengeBytes(request.challenge)),
  allowCredentials: allowedText(request.allowed),
  _allowCredentials: metadataCredentials(request.allowed),
  timeout: `${request.timeoutMillis}`,
  userVerification: request.userVerification,
  relyingPartyId: `rpId: "${request.relyingPartyId}",`,
  _relyingPartyId: request.relyingPartyId,
  extensions: request.extensions,
  _type: 'WebAuthn',
  supportsJsonResponse: true,
  ...(request.mediation !== undefined && { mediation: request.mediation }),
});

export const requestOptionsJson = (request: AuthenticationRequest): RequestOptionsJson => ({
  challenge: request.challenge,
  timeout: request.timeoutMillis,
  rpId: request.relyingPartyId,
  allowCredentials: credentialDescriptors(request.allowed),
  userVerification: request.userVerification,
  extensions: request.extensions,
});

/** Clients split it at its braces and drop a last part that is a bracket: no blank may stand between them. */
const allowedText = (allowed: readonly NamedCredential[]): string => {
  const entries = credentialsAsScript(allowed);
  return entries === '' ? '' : `allowCredentials: [${entries}]`;
};
