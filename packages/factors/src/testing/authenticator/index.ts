export { authenticationAnswerText, jsonAnswerText, registrationAnswerText } from './answer-text.ts';
export {
  type Attest,
  type Attestation,
  type AttestationKey,
  type MadeCredential,
  noAttestation,
  packedAttestation,
  selfAttestation,
  u2fAttestation,
} from './attestations.ts';
export {
  ATTESTATION_NAME,
  type Authority,
  aaguidExtension,
  type CertificateOptions,
  issueCertificate,
  issueRevocationList,
  newAuthority,
  pemOf,
} from './certificate.ts';
export { realTimer, sharedPasskeyJudge, sharedPasskeyLibrary } from './shared-passkey-library.ts';
export {
  type MetadataSigner,
  metadataEntry,
  newMetadataSigner,
  signedMetadata,
} from './signed-metadata.ts';
export {
  type Answered,
  type CeremonyOptions,
  type CreateOptions,
  type GetOptions,
  SoftwareAuthenticator,
  type SoftwarePasskey,
} from './software-authenticator.ts';
export { newSoftwareKey, publicJwkOf, type SoftwareKey, softwareKey } from './software-key.ts';
