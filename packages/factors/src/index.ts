/** What nodes, stores and servers import: second factors other than push, and recovery codes. */

// Ports of nodes

export {
  type KeyAttestation,
  type KeyAttestations,
  keyAttestations,
} from './binding/attestation/key-attestations.ts';
export { type BoundDevices, boundDevices, type NewBoundDevice } from './binding/bound-devices.ts';
export { type CodeOwner, type CodeVerdict, type RecoveryCodes, recoveryCodes } from './model/recovery-codes.ts';
export { type SkipSetting, type SkipSettings, skipSettings } from './model/skip-settings.ts';
export { type NewOathDevice, type OathCheck, type OathDevices, oathDevices } from './oath/oath-devices.ts';
export {
  type AuthenticationCeremony,
  type NewPasskey,
  type PasskeyRefusal,
  type Passkeys,
  passkeys,
  type RegistrationCeremony,
} from './passkeys/passkeys.ts';
export { isImportableCode } from './recovery-codes/imported-codes.ts';
export { type SecondFactors, secondFactors } from './second-factors/second-factors.ts';

// Adapters of the ports

export { keyAttestationsAdapter } from './binding/attestation/key-attestations-adapter.ts';
export { boundDevicesAdapter } from './binding/bound-devices-adapter.ts';
export type { FactorDependencies } from './model/factor-dependencies.ts';
export { OTP_POLICY, oathDevicesAdapter } from './oath/oath-devices-adapter.ts';
export { passkeysAdapter } from './passkeys/passkeys-adapter.ts';
export { userHandleOf } from './passkeys/user-handle-of.ts';
export { RECOVERY_POLICY, recoveryCodesAdapter } from './recovery-codes/recovery-codes-adapter.ts';
export { anyFactorOf, secondFactorsAdapter } from './second-factors/second-factors-adapter.ts';
export { skipSettingsAdapter } from './second-factors/skip-settings-adapter.ts';

// Ceremonies of passkeys: what is sent, and what comes back

export {
  type AuthenticationMetadata,
  type AuthenticationRequest,
  authenticationMetadata,
  type RequestOptionsJson,
  requestOptionsJson,
} from './passkeys/ceremony/authentication-options.ts';
export { authenticatorModel } from './passkeys/ceremony/authenticator-models.ts';
export {
  type AnswerProblem,
  type AuthenticationAnswer,
  type AuthenticatorAttachment,
  type ClientAnswer,
  parseAuthenticationAnswer,
  parseRegistrationAnswer,
  type RegistrationAnswer,
} from './passkeys/ceremony/client-answer.ts';
export {
  type AttestationPreference,
  type CreationOptionsJson,
  creationOptionsJson,
  parametersText,
  type RegistrationMetadata,
  type RegistrationRequest,
  registrationMetadata,
} from './passkeys/ceremony/registration-options.ts';
export { isSameUserHandle, tokenOfUserHandle } from './passkeys/ceremony/user-handle.ts';
export {
  challengeBytes,
  credentialsAsScript,
  type NamedCredential,
  type SelectionCriteria,
  type UserVerification,
} from './passkeys/ceremony/webauthn-options.ts';

// Verification of passkeys

export type { AttestationDemands, AttestationPolicy, AttestationType } from './passkeys/verification/attestation.ts';
export type { AuthenticatorFlags } from './passkeys/verification/authenticator-data.ts';
export type { LibraryVerdict, PasskeyLibrary } from './passkeys/verification/passkey-library.ts';
export { type LibraryModules, PasskeyThread } from './passkeys/verification/passkey-thread.ts';
export {
  encodeCoseKey,
  PASSKEY_ALGORITHMS,
  type PasskeyKey,
} from './passkeys/verification/public-key.ts';
export type { CeremonyExpectations, Refusal, Refused } from './passkeys/verification/verification.ts';
export {
  type AssertionExpectations,
  type KnownPasskey,
  type VerifiedAssertion,
  verifyAssertion,
} from './passkeys/verification/verify-assertion.ts';
export {
  type RegistrationExpectations,
  type VerifiedRegistration,
  verifyRegistration,
} from './passkeys/verification/verify-registration.ts';

// Bound devices: what is asked of them, and whether their answers are good

export type { ExpectedClaims } from './binding/claims-of-device.ts';
export { listedClientError, OUTCOMES_OF_BINDING } from './binding/client-errors.ts';
export { type DeviceJws, readDeviceJws } from './binding/device-jws.ts';
export { type BindingVerification, type VerifiedBinding, verifyBinding } from './binding/verify-binding.ts';
export { onceOf, type SigningVerification, verifySigning } from './binding/verify-signing.ts';

// What a realm has set up

export {
  ANDROID_KEY_ATTESTATION_SERVICE,
  androidKeyAttestationService,
} from './binding/attestation/android-key-attestation-service.ts';
export {
  AUTHENTICATOR_OATH_SERVICE,
  AUTHENTICATOR_WEBAUTHN_SERVICE,
  authenticatorOathService,
  authenticatorWebAuthnService,
  DEVICE_BINDING_SERVICE,
  deviceBindingService,
  skipAttribute,
} from './model/device-services.ts';
export {
  type AuthenticatorTrusts,
  authenticatorTrusts,
  metadataSources,
} from './passkeys/metadata/authenticator-trust.ts';
export { sourceMark } from './passkeys/metadata/kept-metadata.ts';
export {
  isRelyingPartyId,
  type RelyingParty,
  type RelyingPartySettings,
  relyingPartyOf,
} from './passkeys/relying-party.ts';
export {
  namesMetadata,
  outdatedCertificates,
  readTrustStores,
  WEBAUTHN_METADATA_SERVICE,
  webAuthnMetadataService,
} from './passkeys/trust/metadata-service.ts';
export { CERTIFICATION_LEVELS, type CertificationLevel } from './passkeys/trust/model-metadata.ts';

// What a store keeps, and the rules that it applies

export type {
  AuthenticatorMetadataChange,
  AuthenticatorMetadataReader,
  AuthenticatorMetadataRow,
} from './model/authenticator-metadata.ts';
export type {
  BoundDevice,
  BoundDeviceChange,
  BoundDeviceJwk,
  BoundDeviceReader,
} from './model/bound-device.ts';
export type { FactorChange } from './model/factor-change.ts';
export type { OathDevice, OathDeviceReader } from './model/oath-device.ts';
export type { Passkey, PasskeyChange, PasskeyJwk, PasskeyReader } from './model/passkey.ts';
export { countFollows } from './model/passkey.ts';
export type { CodeType, RecoveryCodeReader, RecoveryCodeRow } from './model/recovery-codes.ts';
export { IMPORTED_SELECTOR } from './model/recovery-codes.ts';
export type { SkipType } from './model/skip-settings.ts';
export { SKIP_TYPES } from './model/skip-settings.ts';

// One-time passwords and recovery codes

export { type HashAlgorithm, type HotpOptions, hotp, totp } from './oath/one-time-password.ts';
export {
  type OathRefusal,
  type OathRules,
  type OathVerification,
  verifyOneTimePassword,
} from './oath/verify-one-time-password.ts';
export { carriedCodeHash, codeKeyId, readCarriedCode } from './recovery-codes/carried-codes.ts';
export { type RecoveryCodeSets, recoveryCodeSets } from './recovery-codes/recovery-code-set.ts';
