import { decodeBase64UrlExactly, encodeBase64Url } from '@assent/push/protocol';
import type { AuthenticatorAttachment } from './client-answer.ts';
import { readCredentialId, signedBytes } from './credential-bytes.ts';

// What the options of both ceremonies have in common, in AM's spelling and in the standard's.

export type UserVerification = 'required' | 'preferred' | 'discouraged';

/** The bytes of a challenge in base64url without padding; throws a `RangeError` for a text that is none. */
export function challengeBytes(challenge: string): Uint8Array {
  const bytes = decodeBase64UrlExactly(challenge);
  if (bytes === undefined) throw new RangeError('A challenge is base64url without padding.');
  return bytes;
}

/** A passkey that a ceremony names. */
export interface NamedCredential {
  /** base64url. */
  readonly id: string;
  /** How a client may reach it; for the standard form alone. */
  readonly transports?: readonly string[];
}

export interface SelectionCriteria {
  readonly userVerification: UserVerification;
  readonly attachment?: AuthenticatorAttachment;
  /** Whether the authenticator has to keep the user, for a sign-in without a name. */
  readonly isResident: boolean;
}

/** An entry of `_excludeCredentials` and `_allowCredentials`. */
export interface MetadataCredential {
  readonly type: 'public-key';
  readonly id: readonly number[];
}

/** An entry of `excludeCredentials` and `allowCredentials` in the standard's JSON (WebAuthn Level 3 §5.1.8). */
export interface CredentialDescriptorJson {
  readonly id: string;
  readonly type: 'public-key';
  readonly transports?: readonly string[];
}

/** Objects for clients that read JSON. An id that is no base64url is nobody's passkey, and is left out. */
export const metadataCredentials = (credentials: readonly NamedCredential[]): readonly MetadataCredential[] =>
  credentials.flatMap(({ id }) => {
    const bytes = readCredentialId(id);
    return bytes === undefined ? [] : [{ type: 'public-key' as const, id: signedBytes(bytes) }];
  });

/** The entries as JavaScript, which clients of AM take apart: their blanks are part of the form. */
export const credentialsAsScript = (credentials: readonly NamedCredential[]): string =>
  metadataCredentials(credentials)
    .map(({ id }) => `{ "type": "public-key", "id": new Int8Array([${id.join(', ')}]).buffer }`)
    .join(',');

export const credentialDescriptors = (credentials: readonly NamedCredential[]): readonly CredentialDescriptorJson[] =>
  credentials.flatMap(({ id, transports }) => {
    const bytes = readCredentialId(id);
    if (bytes === undefined) return [];
    return [
      {
        id: encodeBase64Url(bytes),
        type: 'public-key' as const,
        ...(transports !== undefined && transports.length > 0 && { transports }),
      },
    ];
  });

export interface SelectionJson {
  readonly userVerification: UserVerification;
  readonly authenticatorAttachment?: AuthenticatorAttachment;
  readonly residentKey: 'required' | 'discouraged';
  readonly requireResidentKey?: true;
}

export const selectionJson = ({ userVerification, attachment, isResident }: SelectionCriteria): SelectionJson => ({
  userVerification,
  ...(attachment !== undefined && { authenticatorAttachment: attachment }),
  residentKey: isResident ? 'required' : 'discouraged',
  ...(isResident && { requireResidentKey: true as const }),
});
