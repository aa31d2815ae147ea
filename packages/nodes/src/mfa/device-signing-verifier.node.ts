import { clock, defineNode, deviceSigningVerifierCallback, identities, optional, type ValueOf } from '@assent/engine';
import { boundDevices, listedClientError, onceOf, readDeviceJws, verifySigning } from '@assent/push';
import { z } from 'zod';
import { universalIdOf, usernameIn } from '../identity/users/universal-id.ts';
import * as key from '../state-keys.ts';
import { onStoreFailure } from '../store-failure.ts';
import { challengeText, userOfJourney } from './binding/asked-of-app.ts';
import {
  applicationIds,
  clientErrorOutcomes,
  outcomesOfErrors,
  promptConfig,
  promptTexts,
  remarksOnApplications,
  timeout,
} from './binding/binding-settings.ts';
import { FACTOR } from './registration/factor-names.ts';

type Failure = ValueOf<typeof key.signingFailure>;

/** Has the user's bound phone sign, and verifies what it has signed. @see spec: webauthn §7.2 */
export const deviceSigningVerifier = defineNode({
  type: 'DeviceSigningVerifierNode',
  title: 'Device Signing Verifier',
  help: 'Has a bound phone sign with the key that it keeps, and lets the user in, or a text pass, by that.',
  tags: ['mfa', 'multi-factor authentication'],

  config: z.object({
    challenge: z.boolean().default(true).meta({
      title: 'Challenge',
      description:
        'Have something random signed, which nobody else can have had signed before. Otherwise the text in state is signed.',
    }),
    sharedStateAttribute: z.string().max(256).default('').meta({
      title: 'Shared state attribute',
      description:
        'The name in state of the text that is signed in place of something random, such as what is to be paid.',
    }),
    applicationIds,
    ...promptConfig,
    timeout,
    captureFailure: z.boolean().default(false).meta({
      title: 'Capture Failure',
      description:
        'Go to Failure where the user is none who can sign, and leave the reason in state as DeviceSigningVerifierNode.FAILURE. Otherwise the journey ends.',
    }),
    clientErrorOutcomes: clientErrorOutcomes(['Unsupported', 'Abort', 'Timeout', 'ClientNotRegistered']),
  }),

  outcomes: ({ clientErrorOutcomes: errors }) => ({
    success: 'Success',
    failure: 'Failure',
    noDeviceRegistered: 'No Registered Device',
    keyNotFound: 'Key not found',
    ...outcomesOfErrors(errors),
  }),
  inputs: [optional(key.realm), optional(key.username)],
  dynamicInputs: ({ challenge, sharedStateAttribute }) =>
    challenge || sharedStateAttribute === '' ? [] : [sharedStateAttribute],
  outputs: [key.username, key.signingFailure, key.signedText],
  outputsAt: {
    failure: [key.signingFailure],
    noDeviceRegistered: [],
    keyNotFound: [],
    Unsupported: [],
    Abort: [],
    Timeout: [],
    ClientNotRegistered: [],
  },
  sends: [deviceSigningVerifierCallback],
  secondFactor: ['success'],
  remarks: remarksOnApplications,
  proves: ['boundDevice'],
  uses: [boundDevices, clock, identities],
  texts: promptTexts,
  errors: {
    noIdentity: 'Failed to get the identity object',
    noUser: 'User does not exist.',
    notActive: 'User status is not active.',
    otherSubject: 'Invalid Subject',
    missing: '{{key}} missing from shared state',
    notRead: 'Unable to read the bound devices of the user.',
    malformed: 'The answer of the app is no signed text that it may send: {{reason}}',
    refused: 'Device Signing failed: {{reason}}',
    replayed: 'Device Signing failed: the same answer was taken before',
    otherError: 'The app reports an error that the settings do not list.',
  },

  async process({ config, state, realm, ports, journey, answered, text, fail, report, goTo, send }) {
    const answer = answered(deviceSigningVerifierCallback);
    const named = { name: state.get(key.username), id: journey.identifiedUser };
    const isNamed = named.name !== undefined || named.id !== undefined;
    /** What keeps the user from signing: it ends the journey, unless the node is told to go on. */
    const stop = (
      id: 'noIdentity' | 'noUser' | 'notActive' | 'otherSubject' | 'notRead',
      failure: Failure,
      cause?: unknown,
    ) => {
      state.set(key.signingFailure, failure);
      if (!config.captureFailure) return fail(id, {}, cause);
      report(id, {}, cause);
      return goTo('failure', { reason: failure });
    };
    const refused = (failure: Failure, ...reason: Parameters<typeof report>) => {
      state.set(key.signingFailure, failure);
      report(...reason);
      return goTo('failure', { reason: failure });
    };

    if (answer !== undefined && answer.jws === '' && answer.clientError !== '') {
      const error = listedClientError(answer.clientError, config.clientErrorOutcomes);
      if (error !== undefined) return goTo(error);
      report('otherError');
      return goTo('failure');
    }
    const read = answer === undefined || answer.jws === '' ? undefined : readDeviceJws(answer.jws);
    if (read?.ok === false) {
      ports.boundDevices.refused(named.id, read.reason);
      return refused('INVALID_CLAIM', 'malformed', { reason: read.reason });
    }
    const signed = read?.value;
    const subject = signed?.claims.sub;
    if (signed !== undefined && (typeof subject !== 'string' || subject === '')) {
      return stop('otherSubject', 'INVALID_SUBJECT');
    }

    // Where nobody was named, the phone says whose it is, and has to prove it.
    const said = typeof subject === 'string' ? usernameIn(subject, realm.realm) : undefined;
    const found = await onStoreFailure(
      async () => ({
        identity: await userOfJourney(ports.identities, isNamed ? named : { name: said, id: undefined }),
      }),
      (cause) => ({ cause }),
    );
    if ('cause' in found) return stop(isNamed ? 'noIdentity' : 'noUser', 'INVALID_USER', found.cause);
    const { identity } = found;
    if (identity === undefined && isNamed) return stop('noIdentity', 'INVALID_USER');
    if (identity === undefined && signed !== undefined) return stop('noUser', 'INVALID_USER');
    // The key, what it says of itself and the journey are of one user, letter by letter (WA-42, WA-46).
    if (identity !== undefined && signed !== undefined && universalIdOf(identity) !== subject) {
      ports.boundDevices.refused(identity.id, 'subject');
      return stop('otherSubject', 'INVALID_SUBJECT');
    }
    if (identity?.active === false) return stop('notActive', 'NOT_ACTIVE_USER');

    const devices =
      identity === undefined
        ? []
        : await onStoreFailure(
            () => ports.boundDevices.ofUser(identity.id),
            (cause) => ({ cause }),
          );
    if ('cause' in devices) return stop('notRead', 'INVALID_USER', devices.cause);
    if (identity !== undefined && devices.length === 0) return goTo('noDeviceRegistered');

    const device = devices.find(({ uuid }) => uuid === signed?.kid);
    if (signed !== undefined && device === undefined) return goTo('keyNotFound');

    const { sharedStateAttribute } = config;
    const own = config.challenge || sharedStateAttribute === '' ? undefined : state.read(sharedStateAttribute);
    const toSign = config.challenge ? challengeText(journey.challenge ?? journey.newChallenge()) : own;
    if (typeof toSign !== 'string' || toSign === '') {
      if (!config.captureFailure) return fail('missing', { key: sharedStateAttribute });
      report('missing', { key: sharedStateAttribute });
      return goTo('failure');
    }
    if (signed === undefined || identity === undefined || device === undefined) {
      return send(
        deviceSigningVerifierCallback({
          userId: identity === undefined ? '' : universalIdOf(identity),
          challenge: toSign,
          title: text('title', config.title),
          subtitle: text('subtitle', config.subtitle),
          description: text('description', config.description),
          timeout: config.timeout,
        }),
      );
    }

    const verified = await verifySigning(signed, device.key, {
      applicationIds: config.applicationIds,
      subject: universalIdOf(identity),
      challenge: toSign,
      timeoutSeconds: config.timeout,
      now: ports.clock.now(),
    });
    if (!verified.ok) {
      ports.boundDevices.refused(identity.id, verified.reason);
      return refused(verified.failure, 'refused', { reason: verified.reason });
    }
    // A challenge ends with this visit; a text may be signed again, and each signature then counts once.
    if (!(await ports.boundDevices.used(device, config.challenge ? undefined : onceOf(signed)))) {
      ports.boundDevices.refused(identity.id, 'replayed');
      return refused('INVALID_CLAIM', 'replayed');
    }
    state.set(key.username, identity.username);
    state.set(key.signedText, signed.text);
    journey.identify(identity);
    journey.prove(identity, 'boundDevice', FACTOR.binding);
    return goTo('success', { device: device.uuid });
  },
});
