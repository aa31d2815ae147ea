import {
  defineNode,
  FACTOR_KINDS,
  hiddenValueCallback,
  identities,
  metadataCallback,
  needed,
  optional,
  textOutputCallback,
} from '@assent/engine';
import {
  CERTIFICATION_LEVELS,
  creationOptionsJson,
  parseRegistrationAnswer,
  passkeys,
  type RegistrationAnswer,
  type RegistrationRequest,
  recoveryCodes,
  registrationMetadata,
  secondFactors,
} from '@assent/factors';
import { z } from 'zod';
import { pendingPasskey } from '../handovers.ts';
import { mayChange } from '../proven-user.ts';
import * as key from '../state-keys.ts';
import { onStoreFailure } from '../store-failure.ts';
import { anotherFactorErrors, hasUsedFactor } from './registration/factor-names.ts';
import { passkeyCeremony } from './webauthn/passkey-ceremony.ts';
import { profileOfPasskey } from './webauthn/passkey-profile.ts';
import { registrationScript } from './webauthn/registration-script.ts';
import { storePasskey, storePasskeyErrors } from './webauthn/store-passkey.ts';
import { waitingScript } from './webauthn/waiting-script.ts';
import * as settings from './webauthn/webauthn-settings.ts';
import { authenticatorInfo, namedCredential, webauthnStep } from './webauthn/webauthn-step.ts';

/** Makes a passkey. @see spec: webauthn §2.1, §5.1 */
export const webAuthnRegistration = defineNode({
  type: 'WebAuthnRegistrationNode',
  title: 'WebAuthn Registration Node',
  help: 'Makes a passkey on the device of the user, or on a security key.',
  tags: ['mfa', 'multi-factor authentication'],

  config: z.object({
    relyingPartyName: z.string().trim().min(1).max(256).default('ForgeRock').meta({
      title: 'Relying party',
      description: 'The name of your service, as the device shows it.',
    }),
    relyingPartyDomain: settings.relyingPartyDomain,
    origins: settings.origins,
    userVerificationRequirement: settings.userVerificationRequirement,
    attestationPreference: z.enum(['NONE', 'INDIRECT', 'DIRECT']).default('NONE').meta({
      title: 'Preferred mode of attestation',
      description:
        'Whether the device has to say what it is. DIRECT alone proves no model: that takes roots that are trusted.',
    }),
    acceptedSigningAlgorithms: settings.acceptedSigningAlgorithms,
    authenticatorAttachment: z.enum(['UNSPECIFIED', 'PLATFORM', 'CROSS_PLATFORM']).default('UNSPECIFIED').meta({
      title: 'Authentication attachment',
      description: 'PLATFORM for the device at hand, CROSS_PLATFORM for a security key or a phone beside it.',
    }),
    trustStoreAlias: z
      .string()
      .regex(/^[a-zA-Z.]*$/, 'Must consist of letters and dots.')
      .default('trustalias')
      .meta({
        title: 'Trust Store alias',
        description:
          'Under which the service webAuthnMetadataService of the realm has the certificates that attestations are trusted by.',
      }),
    enforceRevocationCheck: z.boolean().default(false).meta({
      title: 'Enforce revocation check',
      description:
        'Trust no certificate unless a list of the service webAuthnMetadataService says that it is not revoked.',
    }),
    timeout: settings.timeout,
    excludeCredentials: z.boolean().default(false).meta({
      title: 'Limit registrations',
      description: 'Make no second passkey on a device that has one of the user.',
    }),
    generateRecoveryCodes: settings.generateRecoveryCodes,
    storeAttestationDataInTransientState: z.boolean().default(false).meta({
      title: 'Store data in transient state',
      description: 'Leave what the device said of itself to a script behind this node.',
    }),
    postponeDeviceProfileStorage: z.boolean().default(false).meta({
      title: 'Store device data in transient state',
      description: 'Leave storing to a WebAuthn Device Storage node.',
    }),
    requiresResidentKey: z.boolean().default(false).meta({
      title: 'Username to device',
      description: 'Make a passkey that knows its user, for a sign-in without a name.',
    }),
    conditionalCreate: z.boolean().default(false).meta({
      title: 'Create without asking',
      description:
        'Have the browser make the passkey by itself, or none; only for a user who has shown another factor. It proves nothing of the session, and no recovery codes are made.',
    }),
    displayNameSharedState: z.string().max(256).optional().meta({
      title: 'Shared state attribute for display name',
      description: 'Under which name in state the user is found as the device shows it; else it shows the user name.',
    }),
    asScript: settings.asScript,
    maxSavedDevices: settings.maxSavedDevices,
    validateFidoU2fAaguid: z.boolean().default(true).meta({
      title: 'FIDO U2F AAGUID',
      description:
        'Without effect: a security key of the first kind names no model, and one that does is always refused.',
    }),
    fidoCertificationLevel: z.enum(CERTIFICATION_LEVELS).default('OFF').meta({
      title: 'FIDO certification level',
      description:
        'The lowest level of the FIDO Alliance that devices may have, by the metadata that the service webAuthnMetadataService names.',
    }),
  }),
  template: { relyingPartyName: 'Assent', asScript: false, requiresResidentKey: true, excludeCredentials: true },

  outcomes: {
    unsupported: 'Unsupported',
    success: 'Success',
    failure: 'Failure',
    error: 'Client Error',
    exceedDeviceLimit: {
      title: 'Exceed Device Limit',
      when: ({ maxSavedDevices, postponeDeviceProfileStorage }) => maxSavedDevices > 0 && !postponeDeviceProfileStorage,
    },
  },
  inputs: [
    optional(key.realm),
    // A journey without a user goes to the failure outcome: it is no error (spec: webauthn §2.1).
    needed(key.username),
    optional(key.webAuthnExtensions),
  ],
  dynamicInputs: ({ displayNameSharedState }) => (displayNameSharedState ? [displayNameSharedState] : []),
  outputs: [
    key.recoveryCodeDeviceName,
    key.recoveryCodes,
    key.webAuthenticationDomException,
    key.webauthnAttestationInfo,
    key.webauthnAttestationType,
    key.webauthnData,
    key.webauthnDeviceAaguid,
    key.webauthnDeviceData,
  ],
  outputsAt: { unsupported: [], failure: [], exceedDeviceLimit: [], error: [key.webAuthenticationDomException] },
  sends: [hiddenValueCallback, metadataCallback, textOutputCallback],
  secondFactor: [],
  withoutFactors: () => ({ success: FACTOR_KINDS }),
  remarks: (config, place) => [
    ...settings.remarksOnOrigins(config),
    ...settings.remarksOnAlgorithms(config),
    ...settings.remarksOnAttestation(config, place),
  ],
  uses: [identities, passkeys, recoveryCodes, secondFactors],
  texts: { waiting: 'Waiting for local device...' },
  errors: {
    ...settings.ceremonyErrors,
    ...anotherFactorErrors,
    noUser: 'No such user, or one who may not sign in.',
    noDevices: 'Unable to read existing device profiles',
    factorFirst: 'A passkey is only made without asking after another factor.',
    ...storePasskeyErrors,
  },

  async process(context) {
    const { config, state, ports, journey, text, fail, report, goTo, send } = context;
    const trouble = (cause: unknown) => fail('noDevices', {}, cause);
    const name = state.get(key.username);
    const user = name === undefined ? undefined : await onStoreFailure(() => ports.identities.find(name), trouble);
    if (user === undefined || !user.active || !mayChange(user, journey)) {
      report('noUser');
      return goTo('failure');
    }
    const own = await onStoreFailure(() => ports.passkeys.ofUser(user.id), trouble);
    const isFull =
      config.maxSavedDevices > 0 && !config.postponeDeviceProfileStorage && own.length >= config.maxSavedDevices;
    if (isFull) {
      journey.explainFailure(user, 'device-limit');
      return goTo('exceedDeviceLimit');
    }
    const hasShownFactor = hasUsedFactor(journey.nodeTypesOf(user));
    if (config.conditionalCreate && !hasShownFactor) {
      report('factorFirst');
      return goTo('failure');
    }
    const hasFactor = await onStoreFailure(() => ports.secondFactors.any(user.id), trouble);
    if (hasFactor && !hasShownFactor) fail('anotherFactorFirst');
    const ceremony = passkeyCeremony(context);
    if (ceremony === undefined) return goTo('unsupported');
    const { relyingParty, userVerification, asked, refuse, read } = ceremony;
    const algorithms = settings.algorithmsOf(config.acceptedSigningAlgorithms);
    const { fidoCertificationLevel: certificationLevel } = config;
    // Who says nothing of itself has no level (spec: webauthn §5.4).
    const mediation = config.conditionalCreate ? ({ mediation: 'conditional' } as const) : {};
    const preference = certificationLevel === 'OFF' ? settings.lowerCase(config.attestationPreference) : 'direct';

    const begin = () => {
      const displayName = config.displayNameSharedState ? state.read(config.displayNameSharedState) : undefined;
      const request: RegistrationRequest = {
        ...asked(),
        ...mediation,
        algorithms,
        attestation: preference,
        relyingParty: { id: relyingParty.id, name: config.relyingPartyName },
        user: {
          handle: ports.passkeys.handleOf(user),
          name: user.username,
          ...(typeof displayName === 'string' && displayName.trim() !== '' && { displayName }),
        },
        selection: {
          userVerification,
          isResident: config.requiresResidentKey,
          ...(config.authenticatorAttachment !== 'UNSPECIFIED' && {
            attachment: config.authenticatorAttachment === 'PLATFORM' ? 'platform' : 'cross-platform',
          }),
        },
        excluded: config.excludeCredentials ? own.map(namedCredential) : [],
      };
      return send(
        ...webauthnStep(config.asScript, {
          script: () => registrationScript(request),
          waitingScript: () => waitingScript(text('waiting')),
          data: () => registrationMetadata(request),
          forPages: { kind: 'create', options: creationOptionsJson(request), ...mediation },
        }),
      );
    };

    const finish = async (answer: RegistrationAnswer, legacyData: string) => {
      const { challenge } = journey;
      if (challenge === undefined) return refuse('challenge', user.id);
      const made = await ports.passkeys.verifyRegistration(user, answer, {
        challenge,
        relyingParty,
        userVerification,
        algorithms,
        isUserPresenceRequired: !config.conditionalCreate,
        attestation: {
          preference,
          certificationLevel,
          isRevocationEnforced: config.enforceRevocationCheck,
          trustStore: config.trustStoreAlias,
        },
      });
      if (!made.ok) return refuse(made.reason, user.id, made.detail);
      const { passkey, flags } = made;
      const pending = { ...passkey, ...(config.conditionalCreate && { isUnasked: true }) };
      const detail = {
        registeredDeviceUuid: passkey.uuid,
        registeredAaguid: passkey.aaguid,
        attestationType: passkey.attestation,
        deviceName: passkey.deviceName,
      };
      if (config.postponeDeviceProfileStorage) {
        state.set(key.webauthnDeviceData, profileOfPasskey(passkey));
        journey.handOver(pendingPasskey, user, pending);
      } else {
        const visit = { ports, config, journey, state, report };
        const outcome = await onStoreFailure(() => storePasskey(visit, user, pending), trouble);
        if (outcome !== 'success') return goTo(outcome);
      }
      state.set(key.webauthnAttestationInfo, authenticatorInfo(flags, answer.attachment));
      if (config.storeAttestationDataInTransientState) {
        state.set(key.webauthnData, legacyData);
        state.set(key.webauthnAttestationType, passkey.attestation);
        state.set(key.webauthnDeviceAaguid, passkey.aaguid);
      }
      return goTo('success', detail);
    };

    return read(parseRegistrationAnswer, user.id, { begin, finish });
  },
});
