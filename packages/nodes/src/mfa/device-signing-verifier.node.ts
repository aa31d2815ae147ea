import {
  clock,
  defineNode,
  deviceSigningVerifierCallback,
  type Identity,
  identities,
  optional,
  type ValueOf,
} from '@assent/engine';
import {
  type BoundDevice,
  boundDevices,
  type DeviceJws,
  listedClientError,
  onceOf,
  readDeviceJws,
  verifySigning,
} from '@assent/factors';
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
  withoutFactors: () => ({ noDeviceRegistered: ['binding'] }),
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

    const afterClientError = (said: string) => {
      const error = listedClientError(said, config.clientErrorOutcomes);
      if (error !== undefined) return goTo(error);
      report('otherError');
      return goTo('failure');
    };

    /** What the app has signed, and whose it says that it is. */
    const readAnswer = (jws: string) => {
      const read = readDeviceJws(jws);
      if (!read.ok) {
        ports.boundDevices.refused(named.id, read.reason);
        return refused('INVALID_CLAIM', 'malformed', { reason: read.reason });
      }
      const { sub } = read.value.claims;
      if (typeof sub !== 'string' || sub === '') return stop('otherSubject', 'INVALID_SUBJECT');
      return { jws: read.value, subject: sub };
    };

    /** The user of the journey; where nobody was named, the phone says whose it is, and has to prove it. */
    const findUser = async (subject: string | undefined) => {
      const said = subject === undefined ? undefined : usernameIn(subject, realm.realm);
      const found = await onStoreFailure(
        async () => ({
          identity: await userOfJourney(ports.identities, isNamed ? named : { name: said, id: undefined }),
        }),
        (cause) => ({ cause }),
      );
      if ('cause' in found) return stop(isNamed ? 'noIdentity' : 'noUser', 'INVALID_USER', found.cause);
      const { identity } = found;
      if (identity === undefined && isNamed) return stop('noIdentity', 'INVALID_USER');
      if (identity === undefined && subject !== undefined) {
        ports.boundDevices.refused(undefined, 'subject');
        return stop('noUser', 'INVALID_USER');
      }
      // The key, what it says of itself and the journey are of one user, letter by letter (WA-42, WA-46).
      if (identity !== undefined && subject !== undefined && universalIdOf(identity) !== subject) {
        ports.boundDevices.refused(identity.id, 'subject');
        return stop('otherSubject', 'INVALID_SUBJECT');
      }
      return identity?.active === false ? stop('notActive', 'NOT_ACTIVE_USER') : { identity };
    };

    /** Nothing is proven, and the way out says who is a user: whoever asks so is counted as with any other wrong answer (WA-28). */
    const unknownKey = (identity: Identity | undefined, outcome: 'keyNotFound' | 'noDeviceRegistered') => {
      ports.boundDevices.refused(identity?.id, 'key');
      return goTo(outcome);
    };

    const findDevices = async (identity: Identity, isSigned: boolean) => {
      const found = await onStoreFailure(
        async () => ({ devices: await ports.boundDevices.ofUser(identity.id) }),
        (cause) => ({ cause }),
      );
      if ('cause' in found) return stop('notRead', 'INVALID_USER', found.cause);
      if (found.devices.length > 0) return found;
      return isSigned ? unknownKey(identity, 'noDeviceRegistered') : goTo('noDeviceRegistered');
    };

    const textToSign = () => {
      if (config.challenge) return { toSign: challengeText(journey.challenge ?? journey.newChallenge()) };
      const { sharedStateAttribute } = config;
      const toSign = sharedStateAttribute === '' ? undefined : state.read(sharedStateAttribute);
      if (typeof toSign === 'string' && toSign !== '') return { toSign };
      if (!config.captureFailure) return fail('missing', { key: sharedStateAttribute });
      report('missing', { key: sharedStateAttribute });
      return goTo('failure');
    };

    const ask = (identity: Identity | undefined, challenge: string) =>
      send(
        deviceSigningVerifierCallback({
          userId: identity === undefined ? '' : universalIdOf(identity),
          challenge,
          title: text('title', config.title),
          subtitle: text('subtitle', config.subtitle),
          description: text('description', config.description),
          timeout: config.timeout,
        }),
      );

    const verify = async (identity: Identity, device: BoundDevice, jws: DeviceJws, challenge: string) => {
      const verified = await verifySigning(jws, device.key, {
        applicationIds: config.applicationIds,
        subject: universalIdOf(identity),
        challenge,
        timeoutSeconds: config.timeout,
        now: ports.clock.now(),
      });
      if (!verified.ok) {
        ports.boundDevices.refused(identity.id, verified.reason);
        return refused(verified.failure, 'refused', { reason: verified.reason });
      }
      // A challenge ends with this visit; a text may be signed again, and each signature then counts once.
      if (!(await ports.boundDevices.used(device, config.challenge ? undefined : onceOf(jws)))) {
        ports.boundDevices.refused(identity.id, 'replayed');
        return refused('INVALID_CLAIM', 'replayed');
      }
      state.set(key.username, identity.username);
      state.set(key.signedText, jws.text);
      journey.identify(identity);
      journey.prove(identity, 'boundDevice', FACTOR.binding, { kind: 'binding', uuid: device.uuid });
      return goTo('success', { device: device.uuid });
    };

    if (answer !== undefined && answer.jws === '' && answer.clientError !== '') {
      return afterClientError(answer.clientError);
    }
    const signed = answer === undefined || answer.jws === '' ? undefined : readAnswer(answer.jws);
    if (signed !== undefined && 'kind' in signed) return signed;
    const user = await findUser(signed?.subject);
    if ('kind' in user) return user;
    const { identity } = user;
    const found = identity === undefined ? { devices: [] } : await findDevices(identity, signed !== undefined);
    if ('kind' in found) return found;
    const device = found.devices.find(({ uuid }) => uuid === signed?.jws.kid);
    if (signed !== undefined && device === undefined) return unknownKey(identity, 'keyNotFound');
    const wanted = textToSign();
    if ('kind' in wanted) return wanted;
    if (signed === undefined || identity === undefined || device === undefined) return ask(identity, wanted.toSign);
    return verify(identity, device, signed.jws, wanted.toSign);
  },
});
