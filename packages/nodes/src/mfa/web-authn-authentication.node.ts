import {
  confirmationCallback,
  defineNode,
  hiddenValueCallback,
  identities,
  metadataCallback,
  NOT_PRESSED,
  optional,
  textOutputCallback,
} from '@assent/engine';
import {
  type AuthenticationAnswer,
  type AuthenticationRequest,
  type AuthenticatorFlags,
  authenticationMetadata,
  type Passkey,
  parseAuthenticationAnswer,
  passkeys,
  requestOptionsJson,
} from '@assent/factors';
import { z } from 'zod';
import { isProvenUser } from '../proven-user.ts';
import * as key from '../state-keys.ts';
import { onStoreFailure } from '../store-failure.ts';
import { FACTOR } from './registration/factor-names.ts';
import { authenticationScript } from './webauthn/authentication-script.ts';
import { passkeyCeremony } from './webauthn/passkey-ceremony.ts';
import { waitingScript } from './webauthn/waiting-script.ts';
import * as settings from './webauthn/webauthn-settings.ts';
import { authenticatorInfo, namedCredential, webauthnStep } from './webauthn/webauthn-step.ts';

/** Signs in with a passkey. @see spec: webauthn §2.2, §5.2 */
export const webAuthnAuthentication = defineNode({
  type: 'WebAuthnAuthenticationNode',
  title: 'WebAuthn Authentication Node',
  help: 'Asks for a passkey of the user, or for any that the device has.',
  tags: ['mfa', 'multi-factor authentication'],
  versions: ['1.0', '2.0'],
  standaloneSince: '2.0',

  config: z.object({
    relyingPartyDomain: settings.relyingPartyDomain,
    origins: settings.origins,
    userVerificationRequirement: settings.userVerificationRequirement,
    isRecoveryCodeAllowed: z.boolean().default(false).meta({
      title: 'Allow recovery codes',
      description: 'Offer to use a recovery code instead.',
    }),
    timeout: settings.timeout,
    requiresResidentKey: z.boolean().default(false).meta({
      title: 'Username from device',
      description: 'Take the user from the passkey: nobody needs to type a name before.',
    }),
    asScript: settings.asScript,
    detectSignCountMismatch: z.boolean().default(false).meta({
      title: 'Detect sign count mismatch',
      description: 'Take a path of its own where the passkey may exist twice, by how often it says that it was used.',
    }),
    requireDeviceBound: z.boolean().default(false).meta({
      title: 'Only passkeys that stay on their device',
      description: 'Refuse passkeys that their provider may copy to other devices.',
    }),
    hideNoDevice: z.boolean().default(false).meta({
      title: 'Hide who has a passkey',
      description:
        'Ask everybody for a passkey before anybody has proved to be the user, also who has none or does not exist.',
    }),
    mediation: z.string().trim().max(32).optional().meta({
      title: 'Mediation',
      description:
        'With conditional, browsers offer passkeys where the user name is filled in, and the passkey says whose it is.',
      since: '2.0',
    }),
    conditionalManualButton: z.boolean().default(false).meta({
      title: 'Authentication button',
      description: 'Offer a button for the passkey as well, beside what browsers fill in.',
      since: '2.0',
    }),
  }),
  template: { asScript: false },

  outcomes: {
    unsupported: 'Unsupported',
    noDevice: 'No Device Registered',
    success: 'Success',
    failure: 'Failure',
    error: 'Client Error',
    recoveryCode: { title: 'Recovery Code', when: ({ isRecoveryCodeAllowed }) => isRecoveryCodeAllowed },
    successSignCountMismatch: {
      title: 'Sign Count Mismatch',
      when: ({ detectSignCountMismatch }) => detectSignCountMismatch,
    },
  },
  inputs: [optional(key.realm), optional(key.username), optional(key.webAuthnExtensions)],
  outputs: [
    key.mfaMethod,
    key.username,
    key.webAuthenticationDomException,
    key.webauthnAssertionInfo,
    key.webauthnDeviceName,
    key.webauthnDeviceUuid,
  ],
  outputsAt: {
    unsupported: [],
    noDevice: [key.mfaMethod],
    failure: [],
    error: [key.webAuthenticationDomException],
    recoveryCode: [],
  },
  sends: [confirmationCallback, hiddenValueCallback, metadataCallback, textOutputCallback],
  secondFactor: ['success', 'successSignCountMismatch'],
  phishingResistant: ['success', 'successSignCountMismatch'],
  withoutFactors: () => ({ noDevice: ['webauthn'] }),
  // With a name before it, it stands beside a password, in the same journey or in the session.
  isLoneFactor: ({ requiresResidentKey, mediation, userVerificationRequirement }) =>
    (requiresResidentKey || mediation === settings.CONDITIONAL) && userVerificationRequirement !== 'REQUIRED',
  remarks: (config, place) => [...settings.remarksOnOrigins(config), ...settings.remarksOnMediation(config, place)],
  proves: ['hardwarePasskey', 'passkey', 'syncedPasskey', 'touchedPasskey'],
  provesAt: (config) => ({ success: methodsWith(config), successSignCountMismatch: methodsWith(config) }),
  uses: [identities, passkeys],
  texts: {
    waiting: 'Waiting for local device...',
    recoveryCode: 'Use Recovery Code',
    passkey: 'Use a passkey',
  },
  errors: {
    ...settings.ceremonyErrors,
    noUser: 'No such user, or one who may not sign in.',
    noDevices: 'Unable to read existing device profiles',
    counter: 'The passkey {{device}} counts less than before: there may be a copy of it.',
  },

  async process(context) {
    const { config, state, ports, journey, answered, text, fail, report, goTo, send, endsInFailure } = context;
    const trouble = (cause: unknown) => fail('noDevices', {}, cause);
    const isConditional = config.mediation === settings.CONDITIONAL;
    // What browsers fill in is any passkey that they have.
    const isUsernameless = config.requiresResidentKey || isConditional;
    const name = state.get(key.username);

    /** The user whom the journey is about, and what there is to ask for; nobody where the passkey is to say who it is. */
    const lookUp = async () => {
      if (isUsernameless) return { user: undefined, own: [], isHidden: false };
      const user = name === undefined ? undefined : await ports.identities.find(name);
      // Who is nobody costs the look at the passkeys as well (SEC-59).
      const own = await ports.passkeys.ofUser(user?.id ?? '');
      return {
        user,
        own,
        isHidden: !isProvenUser(user, context) && (config.hideNoDevice || endsInFailure('noDevice')),
      };
    };
    const { user, own, isHidden } = await onStoreFailure(lookUp, trouble);
    if (!isUsernameless && !isHidden) {
      if (user === undefined) {
        report('noUser');
        return goTo('failure');
      }
      if (own.length === 0) {
        state.set(key.mfaMethod, 'webauthn');
        return goTo('noDevice');
      }
    }
    const ceremony = passkeyCeremony(context);
    if (ceremony === undefined) return goTo('unsupported');
    const { relyingParty, userVerification, asked, refuse, read } = ceremony;
    const allowed = isHidden ? ports.passkeys.hidden(name ?? '', own) : own.map(namedCredential);

    const otherWays: readonly ('recoveryCode' | 'passkey')[] = [
      ...(config.isRecoveryCodeAllowed ? (['recoveryCode'] as const) : []),
      ...(isConditional && config.conditionalManualButton ? (['passkey'] as const) : []),
    ];
    /** `byItself` asks by the browser's own question: somebody has pressed the button for it. */
    const begin = ({ byItself = !isConditional } = {}) => {
      const mediation = byItself ? {} : ({ mediation: settings.CONDITIONAL } as const);
      const asks: AuthenticationRequest = { ...asked(), relyingPartyId: relyingParty.id, allowed, ...mediation };
      const ways = otherWays.filter((way) => way === 'recoveryCode' || !byItself);
      const button = ways.indexOf('passkey');
      const step = webauthnStep(config.asScript, {
        script: () => authenticationScript(asks),
        waitingScript: () => waitingScript(text('waiting')),
        data: () => authenticationMetadata(asks),
        forPages: { kind: 'get', options: requestOptionsJson(asks), ...mediation, ...(button >= 0 && { button }) },
      });
      const options = ways.map((way) => text(way));
      return send(...step, ...(ways.length > 0 ? [confirmationCallback({ options, selected: NOT_PRESSED })] : []));
    };

    const finish = async (answer: AuthenticationAnswer) => {
      const passkey = await onStoreFailure(
        async () =>
          isUsernameless
            ? ports.passkeys.find(answer.credentialId)
            : own.find(({ credentialId }) => credentialId === answer.credentialId),
        trouble,
      );
      if (passkey === undefined) return refuse('unknown', user?.id);
      const owner = user ?? (await onStoreFailure(() => ports.identities.findById(passkey.userId), trouble));
      const isOther = isUsernameless && journey.identifiedUser !== undefined && journey.identifiedUser !== owner?.id;
      if (owner === undefined || !owner.active || isOther) return refuse('user', passkey.userId);
      const { challenge } = journey;
      if (challenge === undefined) return refuse('challenge', owner.id);
      const expected = { challenge, relyingParty, userVerification, isUsernameless };
      const verified = await ports.passkeys.verifyAssertion(passkey, answer, expected);
      if (!verified.ok) return refuse(verified.reason, owner.id, verified.detail);
      const { flags, isCounterMismatch } = verified;
      if (config.requireDeviceBound && flags.BE) return refuse('synced', owner.id);

      const isMismatchTold = isCounterMismatch && config.detectSignCountMismatch;
      if (isCounterMismatch) report('counter', { device: passkey.uuid });
      ports.passkeys.used(passkey, verified, { owner, relyingParty, isMismatchTold });
      journey.identify(owner);
      journey.prove(owner, methodOf(passkey, flags), FACTOR.passkey, { kind: 'webauthn', uuid: passkey.uuid });
      if (isUsernameless) state.set(key.username, owner.username);
      state.set(key.webauthnDeviceUuid, passkey.uuid);
      state.set(key.webauthnDeviceName, passkey.deviceName);
      state.set(key.webauthnAssertionInfo, authenticatorInfo(flags, answer.attachment));
      const detail = { registeredDeviceUuid: passkey.uuid, deviceName: passkey.deviceName };
      return goTo(isMismatchTold ? 'successSignCountMismatch' : 'success', detail);
    };

    const way = otherWays[answered(confirmationCallback) ?? NOT_PRESSED];
    if (way === 'recoveryCode') return goTo('recoveryCode');
    return read(parseAuthenticationAnswer, user?.id, {
      begin,
      pending: () => (way === 'passkey' ? begin({ byItself: true }) : undefined),
      finish,
    });
  },
});

/** What it can prove where its settings refuse authenticators that cannot ask for their user, or that copy the key. */
const methodsWith = ({
  userVerificationRequirement,
  requireDeviceBound,
}: {
  readonly userVerificationRequirement: string;
  readonly requireDeviceBound: boolean;
}): readonly ('hardwarePasskey' | 'passkey' | 'syncedPasskey' | 'touchedPasskey')[] => [
  'hardwarePasskey',
  'passkey',
  ...(requireDeviceBound ? [] : (['syncedPasskey'] as const)),
  ...(userVerificationRequirement === 'REQUIRED' ? [] : (['touchedPasskey'] as const)),
];

/** What applications are told of it (spec: webauthn §10.4; WA-33): what the authenticator has signed, and what was proven when it was made. */
const methodOf = ({ attestation }: Passkey, { UV, BE }: AuthenticatorFlags) => {
  if (!UV) return 'touchedPasskey';
  if (BE) return 'syncedPasskey';
  return attestation === 'CA' ? 'hardwarePasskey' : 'passkey';
};
