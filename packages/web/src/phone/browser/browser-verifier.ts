import { decodeBase64, encodeBase64Url } from '@assent/push/protocol';
import type { UserVerifier } from './user-verifier.ts';

const PROMPT_MILLIS = 60_000;
/** Bit 2 of the flags: the authenticator has checked who it is. @see WebAuthn §6.1 */
const USER_VERIFIED = 0b100;
const FLAGS_AT = 32;

const nonce = (): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(32));

/**
 * The platform's authenticator as a lock in front of "Approve". It stays in this browser: no server knows the credential,
 * and the answer is signed by the phone's own key as ever.
 */
export const browserVerifier = (): UserVerifier => ({
  async isAvailable() {
    try {
      return await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable();
    } catch {
      // This browser has no WebAuthn.
      return false;
    }
  },

  async enrol() {
    try {
      const credential = await navigator.credentials.create({
        publicKey: {
          rp: { name: 'Assent' },
          user: { id: nonce(), name: 'Assent', displayName: 'Assent' },
          challenge: nonce(),
          pubKeyCredParams: [
            { type: 'public-key', alg: -7 },
            { type: 'public-key', alg: -257 },
          ],
          authenticatorSelection: {
            authenticatorAttachment: 'platform',
            residentKey: 'discouraged',
            userVerification: 'required',
          },
          attestation: 'none',
          timeout: PROMPT_MILLIS,
        },
      });
      return credential instanceof PublicKeyCredential ? encodeBase64Url(new Uint8Array(credential.rawId)) : undefined;
    } catch {
      // The person said no, or took too long.
      return undefined;
    }
  },

  async check(verifierId) {
    const id = decodeBase64(verifierId);
    if (id === undefined) return false;
    try {
      const credential = await navigator.credentials.get({
        publicKey: {
          challenge: nonce(),
          allowCredentials: [{ type: 'public-key', id: new Uint8Array(id), transports: ['internal'] }],
          userVerification: 'required',
          timeout: PROMPT_MILLIS,
        },
      });
      if (!(credential instanceof PublicKeyCredential)) return false;
      const { response } = credential;
      if (!(response instanceof AuthenticatorAssertionResponse)) return false;
      const flags = new Uint8Array(response.authenticatorData)[FLAGS_AT] ?? 0;
      return (flags & USER_VERIFIED) !== 0;
    } catch {
      return false;
    }
  },
});
