import type { CborMap, CborValue } from '../../passkeys/verification/strict-cbor.ts';
import type { SoftwareKey } from './software-key.ts';

/** What an authenticator attests: the passkey that it has just made. */
export interface MadeCredential {
  readonly authData: Uint8Array;
  readonly clientDataHash: Uint8Array;
  readonly rpIdHash: Uint8Array;
  readonly credentialId: Uint8Array;
  readonly key: SoftwareKey;
}

export interface Attestation {
  readonly format: string;
  readonly statement: CborMap;
}

/** What an authenticator says of itself; a test may write another one. */
export type Attest = (made: MadeCredential) => Attestation;

/** How an authenticator proves what it is: by its own key, and certificates of it, the leaf first. */
export interface AttestationKey {
  readonly key: SoftwareKey;
  readonly certificates: readonly Uint8Array[];
}

const statement = (members: Readonly<Record<string, CborValue>>): CborMap => new Map(Object.entries(members));

export const noAttestation: Attest = () => ({ format: 'none', statement: statement({}) });

/** `packed`, by the key of the passkey itself (WebAuthn Level 3 §8.2). */
export const selfAttestation: Attest = ({ authData, clientDataHash, key }) => ({
  format: 'packed',
  statement: statement({ alg: key.algorithm, sig: key.sign(Buffer.concat([authData, clientDataHash])) }),
});

/** `packed`, by a key of the authenticator that certificates vouch for (WebAuthn Level 3 §8.2). */
export const packedAttestation =
  ({ key, certificates }: AttestationKey): Attest =>
  ({ authData, clientDataHash }) => ({
    format: 'packed',
    statement: statement({
      alg: key.algorithm,
      sig: key.sign(Buffer.concat([authData, clientDataHash])),
      x5c: certificates,
    }),
  });

/** As a key of the first generation (WebAuthn Level 3 §8.6). */
export const u2fAttestation =
  ({ key, certificates }: AttestationKey): Attest =>
  ({ clientDataHash, rpIdHash, credentialId, key: { publicKey } }) => {
    const point = publicKey.export({ type: 'spki', format: 'der' }).subarray(-65);
    const signed = Buffer.concat([Uint8Array.of(0), rpIdHash, clientDataHash, credentialId, point]);
    return { format: 'fido-u2f', statement: statement({ sig: key.sign(signed), x5c: certificates }) };
  };
