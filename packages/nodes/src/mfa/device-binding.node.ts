import { clock, defineNode, deviceBindingCallback, FACTOR_KINDS, identities, optional } from '@assent/engine';
import {
  type BindingVerification,
  type BoundDevice,
  boundDevices,
  keyAttestations,
  listedClientError,
  secondFactors,
  verifyBinding,
} from '@assent/factors';
import { z } from 'zod';
import { pendingBoundDevice } from '../handovers.ts';
import { universalIdOf } from '../identity/users/universal-id.ts';
import { mayChange } from '../proven-user.ts';
import * as key from '../state-keys.ts';
import { onStoreFailure } from '../store-failure.ts';
import { challengeBytes, challengeText, userOfJourney } from './binding/asked-of-app.ts';
import {
  applicationIds,
  clientErrorOutcomes,
  outcomesOfErrors,
  promptConfig,
  promptTexts,
  remarksOnApplications,
  timeout,
} from './binding/binding-settings.ts';
import { attestationOf, boundProfileOf } from './binding/bound-profile.ts';
import { anotherFactorErrors, FACTOR, hasUsedFactor } from './registration/factor-names.ts';

/** Has an app on the user's phone make a key, and binds the phone to the user by it. @see spec: webauthn §7.1 */
export const deviceBinding = defineNode({
  type: 'DeviceBindingNode',
  title: 'Device Binding',
  help: "Has an app of yours on the user's phone make a key that stays there, and remembers the phone by it.",
  tags: ['mfa', 'multi-factor authentication'],

  config: z.object({
    authenticationType: z
      .enum(['BIOMETRIC_ONLY', 'BIOMETRIC_ALLOW_FALLBACK', 'APPLICATION_PIN', 'NONE'])
      .default('BIOMETRIC_ALLOW_FALLBACK')
      .meta({
        title: 'Authentication Type',
        description:
          'How the app asks its user before it signs. The app does as it is told, and nobody here can see whether it did; with NONE whoever has the phone can sign.',
      }),
    applicationIds,
    ...promptConfig,
    maxSavedDevices: z.int().min(0).max(1_000).default(0).meta({
      title: 'Maximum Saved Devices',
      description: 'How many phones a user may have bound; 0 for as many as the realm allows.',
    }),
    timeout,
    attestation: z.boolean().default(false).meta({
      title: 'Android Key Attestation',
      description:
        'Bind a phone only where its hardware says that it keeps the key. The service androidKeyAttestation of the realm says by whose word.',
    }),
    attestationExempt: z.array(z.string().max(256)).max(100).default([]).meta({
      title: 'Applications Without Attestation',
      description:
        'Application IDs whose keys need no attestation, such as those of iOS apps, which cannot have one. An app names itself: whoever claims one of these needs none.',
    }),
    postponeDeviceProfileStorage: z.boolean().default(false).meta({
      title: 'Store device data in transient state',
      description: 'Leave storing to a Device Binding Storage node.',
    }),
    clientErrorOutcomes: clientErrorOutcomes(['Unsupported', 'Abort', 'Timeout']),
  }),

  outcomes: ({ maxSavedDevices, clientErrorOutcomes: errors }) => ({
    success: 'Success',
    failure: 'Failure',
    ...(maxSavedDevices > 0 && { exceedDeviceLimit: 'Exceed Device Limit' }),
    ...outcomesOfErrors(errors),
  }),
  inputs: [optional(key.realm), optional(key.username)],
  outputs: [key.boundDeviceProfile, key.bindingAttestation],
  sends: [deviceBindingCallback],
  secondFactor: [],
  withoutFactors: () => ({ success: FACTOR_KINDS }),
  remarks: remarksOnApplications,
  uses: [boundDevices, clock, identities, keyAttestations, secondFactors],
  texts: { ...promptTexts, deviceName: 'Device Name' },
  errors: {
    noUser: 'Failed to lookup user',
    ...anotherFactorErrors,
    notRead: 'Unable to read the bound devices of the user.',
    limit: 'The user has as many bound devices as the realm allows.',
    taken: 'A bound device of the realm has that key id already: {{kid}}',
    refused: 'Device Binding failed: {{reason}}',
    otherError: 'The app reports an error that the settings do not list.',
    noRoots:
      'Attestation is asked for, and the service androidKeyAttestation of the realm has no roots: set publicKeyUrl or rootCertificates.',
    notAttested: 'Key Attestation Failed. {{reason}}',
    attestationUnknown: 'The roots of attestation, or the list of what is revoked, cannot be read.',
  },

  async process({ config, state, realm, ports, journey, answered, text, fail, report, goTo, send }) {
    const named = { name: state.get(key.username), id: journey.identifiedUser };
    const identity = await onStoreFailure(
      () => userOfJourney(ports.identities, named),
      (cause) => fail('noUser', {}, cause),
    );
    if (identity?.active !== true || !mayChange(identity, journey)) return fail('noUser');

    const failed = (...reason: Parameters<typeof report>) => {
      report(...reason);
      return goTo('failure');
    };
    const kept = await onStoreFailure(
      async () => ({
        bound: await ports.boundDevices.ofUser(identity.id),
        hasFactor: await ports.secondFactors.any(identity.id),
      }),
      (cause) => failed('notRead', {}, cause),
    );
    if ('kind' in kept) return kept;
    const { bound, hasFactor } = kept;
    if (config.maxSavedDevices > 0 && bound.length >= config.maxSavedDevices) return goTo('exceedDeviceLimit');
    if (hasFactor && !hasUsedFactor(journey.nodeTypesOf(identity))) return fail('anotherFactorFirst');

    const subject = universalIdOf(identity);
    const answer = answered(deviceBindingCallback);
    const hasSigned = answer !== undefined && answer.jws !== '' && answer.deviceId !== '';
    if (answer === undefined || (!hasSigned && answer.clientError === '')) {
      return send(
        deviceBindingCallback({
          userId: subject,
          username: identity.username,
          authenticationType: config.authenticationType,
          challenge: challengeText(journey.challenge ?? journey.newChallenge()),
          title: text('title', config.title),
          subtitle: text('subtitle', config.subtitle),
          description: text('description', config.description),
          timeout: config.timeout,
          attestation: config.attestation,
        }),
      );
    }
    if (!hasSigned) {
      const error = listedClientError(answer.clientError, config.clientErrorOutcomes);
      return error === undefined ? failed('otherError') : goTo(error);
    }

    const { challenge } = journey;
    const verified: BindingVerification =
      challenge === undefined
        ? { ok: false, reason: 'challenge' }
        : await verifyBinding(answer.jws, {
            applicationIds: config.applicationIds,
            subject,
            challenge: challengeText(challenge),
            timeoutSeconds: config.timeout,
            now: ports.clock.now(),
          });
    if (!verified.ok) {
      ports.boundDevices.refused(identity.id, verified.reason);
      return failed('refused', { reason: verified.reason });
    }
    const { binding } = verified;

    const needsAttestation = config.attestation && !config.attestationExempt.includes(binding.applicationId);
    if (needsAttestation) {
      const attested = await ports.keyAttestations.check({
        ...binding,
        challenge: challengeBytes(challenge ?? ''),
      });
      switch (attested.status) {
        case 'noRoots':
          return fail('noRoots');
        case 'unknown':
          return failed('attestationUnknown', {}, attested.cause);
        case 'refused':
          ports.boundDevices.refused(identity.id, attested.reason);
          return failed('notAttested', { reason: attested.reason });
        case 'attested':
          state.set(key.bindingAttestation, attestationOf(attested.description));
      }
    }

    const device: BoundDevice = ports.boundDevices.create({
      identity,
      binding,
      deviceName: answer.deviceName.trim() === '' ? text('deviceName') : answer.deviceName,
      deviceId: answer.deviceId,
      authenticationType: config.authenticationType,
      attested: needsAttestation,
    });
    if (config.postponeDeviceProfileStorage) {
      state.set(key.boundDeviceProfile, boundProfileOf(device));
      journey.handOver(pendingBoundDevice, identity, { device, maxDevices: config.maxSavedDevices });
      return goTo('success');
    }
    const saved = await onStoreFailure(
      () => ports.boundDevices.save(identity, device, { maxDevices: config.maxSavedDevices, isFirst: !hasFactor }),
      (cause) => failed('notRead', {}, cause),
    );
    if ('kind' in saved) return saved;
    switch (saved.status) {
      case 'limit':
        return failed('limit');
      case 'taken':
        return failed('taken', { kid: device.uuid });
      case 'stored':
        journey.addNodeType(identity, FACTOR.binding, { kind: 'binding', uuid: device.uuid });
        return goTo('success', { device: device.uuid, realm: realm.realm });
    }
  },
});
