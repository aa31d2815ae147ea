import { defineNode, type Identity, identities, localized, needed, optional } from '@assent/engine';
import { passkeys, secondFactors, skipSettings } from '@assent/factors';
import { type PushDevice, pushDevices, pushMessages } from '@assent/push';
import { z } from 'zod';
import { isProvenUser } from '../proven-user.ts';
import * as key from '../state-keys.ts';
import { onStoreFailure } from '../store-failure.ts';
import { considersAllFactors, lackedKinds } from './registration/all-factors.ts';

/** What can keep a request from being sent, as `PushAuthFailureReason` spells it. */
type Reason = 'MISSING_USERNAME' | 'SENDER_ALREADY_USED' | 'CTS_ERROR' | 'TRANSMISSION_FAILURE';

/** Sends a request to the user's phones. @see spec: nodes-mfa §3.2; design.md §3 decisions 5 and 7 */
export const pushSender = defineNode({
  type: 'PushAuthenticationSenderNode',
  title: 'Push Sender',
  help: 'Sends a request to the phones of the user.',
  tags: ['mfa', 'multi-factor authentication'],

  config: z.object({
    messageTimeout: z.int().min(1).default(120_000).meta({
      title: 'Message Timeout',
      description: 'How many milliseconds the request can be answered.',
    }),
    userMessage: localized().meta({
      title: 'User Message',
      description:
        'What the phone shows, by language. {{user}} and {{issuer}} are filled in. A text with {{user}} goes through Google, Apple or Amazon only where the realm has nameInPushMessages.',
    }),
    mandatory: z.boolean().default(false).meta({
      title: "Remove 'skip' option",
      description: 'Send also to users who opted out.',
    }),
    considersAllFactors,
    contextInfo: z.boolean().default(false).meta({
      title: 'Share Context Info',
      description: 'Show on the phone from where the user signs in, as far as it is known.',
    }),
    customPayload: z.array(z.string()).default([]).meta({
      title: 'Custom Payload Attributes',
      description: 'Names in state whose values go to the phone. Never name a secret here.',
    }),
    pushType: z.enum(['DEFAULT', 'CHALLENGE', 'BIOMETRIC']).default('DEFAULT').meta({
      title: 'Push Type',
      description: 'Whether the user taps, gives the number that the browser shows, or uses biometrics.',
    }),
    captureFailure: z.boolean().default(false).meta({
      title: 'Capture failure',
      description:
        'Take the Failure path where the request cannot be sent. Waits up to two seconds for the provider; not where only a name is known and Not Registered ends in failure, since that would tell who has a phone.',
    }),
    passkeyAtRisk: z.boolean().default(false).meta({
      title: 'Ask for a passkey at risk',
      description:
        'Send nothing to users with a passkey where requests from there are paused, or where one was denied or answered wrongly within a day, and take a path of its own: it should ask for the passkey.',
    }),
  }),
  template: { pushType: 'CHALLENGE', considersAllFactors: true },

  outcomes: {
    SENT: 'Sent',
    NOT_REGISTERED: 'Not Registered',
    SKIPPED: { title: 'Skipped', when: (config) => !config.mandatory },
    FAILURE: { title: 'Failure', when: (config) => config.captureFailure },
    PASSKEY: { title: 'Ask for a passkey', when: (config) => config.passkeyAtRisk },
  },
  inputs: [optional(key.realm), needed(key.username), optional(key.pushMessageId), optional(key.deviceProfile)],
  outputs: [
    key.mfaMethod,
    key.pushAuthFailureReason,
    key.pushMechanismUid,
    key.pushMessageExpiration,
    key.pushMessageId,
    key.pushNumberChallengeKey,
    key.pushNumberIs,
    key.pushTimeout,
  ],
  outputsAt: {
    NOT_REGISTERED: [key.mfaMethod],
    SKIPPED: [],
    FAILURE: [key.pushAuthFailureReason],
    PASSKEY: [],
  },
  dynamicInputs: ({ customPayload }) => customPayload,
  disturbsOn: ['SENT'],
  secondFactor: [],
  withoutFactors: (config) => ({ NOT_REGISTERED: ['push'], SKIPPED: lackedKinds(config, ['push']) }),
  answeredBy: {
    methods: ['push', 'pushNumber'],
    at: ({ pushType }) => ({ SENT: [pushType === 'CHALLENGE' ? 'pushNumber' : 'push'] }),
  },
  uses: [identities, passkeys, pushDevices, pushMessages, secondFactors, skipSettings],
  textFallback: 'bundled',
  texts: {
    userMessage: 'Is this you? {{user}} is signing in to {{issuer}}.',
    namelessMessage: 'Is this you? Somebody is signing in to {{issuer}}.',
  },
  errors: {
    MISSING_USERNAME: 'Expected username to be set.',
    MISSING_USERNAME_LOG: 'No username specified for push notification sender',
    SENDER_ALREADY_USED: 'Message ID is already set! Must finish one push authentication before starting a new one.',
    SENDER_ALREADY_USED_LOG: 'Push notification sender has already been used (key already set in shared state)',
    CTS_ERROR: 'Unable to persist message token in core token service.',
    TRANSMISSION_FAILURE: 'AuthenticatorPush :: sendMessage() : Failed to transmit message through PushService.',
    payloadTooLarge: 'Payload data exceed maximum accepted size',
  },

  async process({ config, state, request, journey, ports, text, fail, report, goTo, endsInFailure }) {
    const failure = (reason: Reason, cause?: unknown) => {
      if (reason === 'MISSING_USERNAME' || reason === 'SENDER_ALREADY_USED') report(`${reason}_LOG`);
      if (!config.captureFailure) return fail(reason, {}, cause);
      if (reason === 'CTS_ERROR' || reason === 'TRANSMISSION_FAILURE') report(reason, {}, cause);
      state.set(key.pushAuthFailureReason, reason);
      return goTo('FAILURE', { reason });
    };

    const user = state.get(key.username);
    if (user === undefined || user.trim() === '') return failure('MISSING_USERNAME');
    if (state.get(key.pushMessageId) !== undefined) return failure('SENDER_ALREADY_USED');

    const found = await onStoreFailure(
      async () => {
        const identity = await ports.identities.find(user);
        if (identity === undefined && journey.identifiedUser !== undefined)
          throw new RangeError('Failed to fetch identity.');
        const isIdentified = isProvenUser(identity, { journey, request });
        // Who is nobody costs the look at the phones as well (SEC-59).
        const devices = await ports.pushDevices.ofUser(identity?.id ?? '');
        if (identity === undefined) return { identity, devices, isIdentified, skip: undefined };
        // Nobody who has a device may skip, and where the request is mandatory nobody may at all.
        const maySkip = devices.length === 0 && !config.mandatory;
        const skip = maySkip ? await ports.skipSettings.read(identity, 'push') : undefined;
        // An opt-out that was stored before the user got another factor is over.
        const isOver =
          skip === 'SKIPPABLE' && config.considersAllFactors && (await ports.secondFactors.any(identity.id));
        return { identity, devices, isIdentified, skip: isOver ? undefined : skip };
      },
      (cause) => failure('TRANSMISSION_FAILURE', cause),
    );
    if ('kind' in found) return found;
    const { identity, devices, isIdentified, skip } = found;
    if (skip === 'SKIPPABLE') return goTo('SKIPPED');
    // Before anybody has proved to be the user, a way that only fails would tell who has a phone, and so who exists: then the
    // journey waits for nobody. Where it leads on, its author tells them apart, and a name that is nobody's goes along.
    const toAnybody = !isIdentified && endsInFailure('NOT_REGISTERED');
    const pretends = toAnybody && devices.length === 0;
    if (!pretends && (identity === undefined || devices.length === 0)) {
      state.set(key.mfaMethod, 'push');
      return goTo('NOT_REGISTERED');
    }

    /** Told to nobody but who has proved to be that very user: it says what they have, and what others have tried. */
    const isForPasskey = async (user: Identity, phones: readonly PushDevice[]): Promise<boolean> =>
      config.passkeyAtRisk &&
      isIdentified &&
      (await ports.pushMessages.isAtRisk({ identity: user, devices: phones })) &&
      (await ports.passkeys.ofUser(user.id)).length > 0;
    if (identity !== undefined) {
      const atRisk = await onStoreFailure(
        () => isForPasskey(identity, devices),
        (cause) => failure('TRANSMISSION_FAILURE', cause),
      );
      if (typeof atRisk !== 'boolean') return atRisk;
      if (atRisk) return goTo('PASSKEY');
    }

    const { pushType, messageTimeout: timeoutMillis } = config;
    const location = config.contextInfo ? locationIn(state.get(key.deviceProfile)) : undefined;
    const said = {
      toAnybody,
      text: text('userMessage', config.userMessage),
      namelessText: text('namelessMessage'),
      user,
      pushType,
      timeoutMillis,
      payload: Object.fromEntries(config.customPayload.map((name) => [name, state.read(name)])),
      ...(config.contextInfo && {
        context: { remoteIp: request.clientAddress, userAgent: request.header('user-agent'), location },
      }),
    };
    const sent = await onStoreFailure(
      () =>
        identity === undefined || pretends
          ? ports.pushMessages.pretend({ ...said, identity })
          : ports.pushMessages.send({ ...said, identity, devices, waitForProvider: config.captureFailure }),
      (cause) => failure('CTS_ERROR', cause),
    );
    if ('kind' in sent) return sent;
    switch (sent.status) {
      case 'payloadTooLarge':
        report('payloadTooLarge');
        return failure('TRANSMISSION_FAILURE', 'payload');
      case 'serviceMissing':
        return failure('TRANSMISSION_FAILURE', 'The realm has no Push Notification service.');
      case 'refused':
        return failure('TRANSMISSION_FAILURE', sent.cause);
      case 'sent':
        state.set(key.pushMessageId, sent.messageId);
        state.set(key.pushTimeout, config.messageTimeout);
        state.set(key.pushMechanismUid, sent.mechanismUid);
        state.set(key.pushMessageExpiration, sent.expiresAt);
        // The number of an earlier request must not be shown for one that has none.
        if (sent.number === undefined) state.remove(key.pushNumberChallengeKey);
        else state.set(key.pushNumberChallengeKey, sent.number);
        if (sent.numberIs === undefined) state.remove(key.pushNumberIs);
        else state.set(key.pushNumberIs, sent.numberIs);
        return goTo('SENT');
    }
  },
});

/** A place that the browser gave; a refused one comes as an empty object. */
const locationIn = (profile: Readonly<Record<string, unknown>> | undefined) => {
  const { latitude, longitude } = (profile?.location ?? {}) as Readonly<Record<string, unknown>>;
  return typeof latitude === 'number' && typeof longitude === 'number' && isPlace(latitude, longitude)
    ? { latitude, longitude }
    : undefined;
};

const isPlace = (latitude: number, longitude: number): boolean =>
  Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
