import type { Ceremony } from '../step/step.ts';

type Json = Readonly<Record<string, unknown>>;

const objectAt = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});

/** Of base64url; throws what `atob` throws. */
const bytesAt = (value: unknown): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(String(value).replaceAll('-', '+').replaceAll('_', '/')), (sign) => sign.charCodeAt(0));

const named = (list: unknown): PublicKeyCredentialDescriptor[] =>
  (Array.isArray(list) ? list : []).map((it) => ({ ...it, id: bytesAt(objectAt(it).id) }));

/** @see WebAuthn Level 3 §5.1.8 */
export const creationOptions = (json: Ceremony['options']): PublicKeyCredentialCreationOptions => {
  const given = json as unknown as PublicKeyCredentialCreationOptionsJSON;
  // Asked of the interface itself, since a browser may know passkeys and not their JSON.
  if (typeof PublicKeyCredential.parseCreationOptionsFromJSON === 'function') {
    return PublicKeyCredential.parseCreationOptionsFromJSON(given);
  }
  return {
    ...(given as unknown as PublicKeyCredentialCreationOptions),
    challenge: bytesAt(json.challenge),
    user: { ...(given.user as unknown as PublicKeyCredentialUserEntity), id: bytesAt(objectAt(json.user).id) },
    excludeCredentials: named(json.excludeCredentials),
  };
};

/** @see WebAuthn Level 3 §5.1.9 */
export const requestOptions = (json: Ceremony['options']): PublicKeyCredentialRequestOptions => {
  const given = json as unknown as PublicKeyCredentialRequestOptionsJSON;
  if (typeof PublicKeyCredential.parseRequestOptionsFromJSON === 'function') {
    return PublicKeyCredential.parseRequestOptionsFromJSON(given);
  }
  return {
    ...(given as unknown as PublicKeyCredentialRequestOptions),
    challenge: bytesAt(json.challenge),
    allowCredentials: named(json.allowCredentials),
  };
};
