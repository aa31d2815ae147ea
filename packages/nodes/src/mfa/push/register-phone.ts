import type {
  Action,
  AuditDetail,
  Clock,
  Identity,
  Localized,
  RealmSettings,
  SentCallback,
  ValueOf,
} from '@assent/engine';
import type { PushDevices, PushMessages, RegistrationClaims, RegistrationLabel } from '@assent/push';
import { parseMessageId } from '@assent/push/protocol';
import * as key from '../../state-keys.ts';
import { onStoreFailure } from '../../store-failure.ts';
import { accountNameOf, backgroundColorOf } from '../registration/mfa-registration.ts';
import {
  type PendingPhoneKey,
  type PhoneRegistrationConfig,
  type PhoneRegistrationError,
  type PhoneRegistrationOutcome,
  type PhoneRegistrationText,
  pendingPhoneKeys,
  registrationDeadline,
} from './phone-registration.ts';
import { codeToScan, numberToGive } from './phone-steps.ts';

type PhoneKey = PendingPhoneKey | typeof key.recoveryCodes | typeof key.recoveryCodeDeviceName;
type Step = Action<PhoneRegistrationOutcome>;

/** One visit of a node that registers a phone. */
export interface PhoneVisit {
  readonly identity: Identity;
  readonly config: PhoneRegistrationConfig;
  readonly realm: RealmSettings;
  readonly ports: { readonly clock: Clock; readonly pushDevices: PushDevices; readonly pushMessages: PushMessages };
  readonly state: {
    get<K extends PendingPhoneKey>(key: K): ValueOf<K> | undefined;
    set<K extends PhoneKey>(key: K, value: ValueOf<K>): void;
    remove(key: PendingPhoneKey): void;
  };
  /** The user pressed the button that ends the wait. */
  readonly isLeaving: boolean;
  text(id: PhoneRegistrationText, own?: Localized, values?: Readonly<Record<string, string>>): string;
  fail(id: PhoneRegistrationError, values?: Readonly<Record<string, string>>, cause?: unknown): never;
  report(id: PhoneRegistrationError, values?: Readonly<Record<string, string>>, cause?: unknown): void;
  goTo(outcome: PhoneRegistrationOutcome, detail?: AuditDetail): Step;
  send(...callbacks: readonly SentCallback[]): Action<never>;
}

/** What belongs to the phone in one node only. */
export interface RegisteredBeside {
  /** Why no phone may be added any more, although one has answered. */
  readonly obstacle: string | undefined;
  /** Wants what is stored in the same commit, and returns the recovery codes that come with it. */
  store(): Promise<readonly string[]>;
}

/** A phone's way from the code on the screen to a device of the user, by the documented steps and words. */
export const phoneRegistration = ({ identity, config, realm, ports, state, isLeaving, ...node }: PhoneVisit) => {
  const { pushMessages: messages, pushDevices: devices, clock } = ports;
  const { text, fail, report, goTo, send } = node;

  const showCode = (uri: string) => send(...codeToScan(uri, text('scanQRCode', config.scanQRCodeMessage)));
  const showNumber = () => {
    const challenge = state.get(key.pushNumberChallengeKey) ?? fail('noMessageId');
    const kind = state.get(key.pushNumberIs) === 'typed' ? 'typed' : 'tapped';
    return send(...numberToGive(challenge, text(kind, {}, { challenge }), text('exit')));
  };
  const labelWith = (oath: RegistrationLabel['oath']): RegistrationLabel => ({
    issuer: config.issuer,
    account: accountNameOf(identity, config.accountName),
    backgroundColor: backgroundColorOf(config.bgColor),
    ...(config.imgUrl.trim() !== '' && { imageUrl: config.imgUrl.trim() }),
    ...(oath !== undefined && { oath }),
  });
  const cleanUp = () => {
    for (const used of pendingPhoneKeys) state.remove(used);
  };
  const giveUp = () => {
    cleanUp();
    if (config.verifyAfterRegister) devices.discard();
  };
  const timeOut = (id: string) => {
    messages.close(id, 'timeout');
    giveUp();
    report('timedOut', { id });
    return goTo('timeoutOutcome');
  };
  const notSaved = (id: string, cause: string) => {
    messages.close(id, 'cleanup');
    giveUp();
    report('notSaved', {}, cause);
    return goTo('failureOutcome');
  };
  const register = (id: string, claims: RegistrationClaims, proveBy?: number) =>
    onStoreFailure(
      () =>
        devices.register({
          identity,
          messageId: id,
          issuer: config.issuer,
          claims,
          ...(proveBy !== undefined && { proveBy }),
        }),
      (cause) => fail('notStored', {}, cause),
    );
  const confirm = async (id: string) => {
    const confirmed = await onStoreFailure(
      () => devices.confirm({ identity, messageId: id }),
      (cause) => fail('notStored', {}, cause),
    );
    if (confirmed.status === 'stored') messages.consume(id, 'approved');
    return confirmed;
  };
  const askForProof = async (id: string, claims: RegistrationClaims): Promise<Step> => {
    const proveBy = state.get(registrationDeadline) ?? 0;
    const timeoutMillis = proveBy - clock.now();
    if (timeoutMillis <= 0) return timeOut(id);
    const saved = await register(id, claims, proveBy);
    if (saved.status !== 'stored') return notSaved(id, saved.status);
    const sent = await onStoreFailure(
      () =>
        messages.send({
          identity,
          devices: [saved.device],
          text: text('connect'),
          user: identity.username,
          pushType: 'CHALLENGE',
          timeoutMillis,
          payload: {},
          waitForProvider: false,
        }),
      (cause) => fail('notPersisted', {}, cause),
    );
    if (sent.status !== 'sent') return fail('noService', {}, sent.status);
    for (const used of [key.pushDeviceProfile, key.pushChallengeKey]) state.remove(used);
    state.set(key.pushMessageId, sent.messageId);
    if (sent.number !== undefined) state.set(key.pushNumberChallengeKey, sent.number);
    if (sent.numberIs !== undefined) state.set(key.pushNumberIs, sent.numberIs);
    return showNumber();
  };
  const finish = async (
    id: string,
    saved: Awaited<ReturnType<PushDevices['register']>>,
    beside: RegisteredBeside,
  ): Promise<Step> => {
    if (saved.status !== 'stored') return notSaved(id, saved.status);
    const codes = await beside.store();
    cleanUp();
    if (codes.length > 0) {
      state.set(key.recoveryCodes, [...codes]);
      state.set(key.recoveryCodeDeviceName, saved.device.deviceName);
    }
    return goTo('successOutcome');
  };

  return {
    /** Leaves nothing of what this or another node had under way. */
    forget() {
      const older = state.get(key.pushMessageId);
      if (older === undefined) return cleanUp();
      messages.close(older, 'cleanup');
      giveUp();
    },

    async begin(oath?: RegistrationLabel['oath']): Promise<Step> {
      const opened = await onStoreFailure(
        () => messages.openRegistration({ identity, issuer: config.issuer, timeoutMillis: config.timeout * 1_000 }),
        (cause) => fail('notPersisted', {}, cause),
      );
      if (opened.status === 'serviceMissing') return fail('noService');
      const uri = await onStoreFailure(
        () => messages.registrationUri(opened.messageId, labelWith(oath)),
        (cause) => fail('noService', {}, cause),
      );
      state.set(key.pushMessageId, opened.messageId);
      state.set(key.pushDeviceProfile, opened.deviceProfile);
      state.set(key.pushChallengeKey, opened.challengeKey);
      state.set(registrationDeadline, clock.now() + config.timeout * 1_000);
      return showCode(uri ?? fail('noService'));
    },

    /** Looks whether the phone has answered; until it has, the step stays as it is. */
    async poll(beside: RegisteredBeside, oath?: RegistrationLabel['oath']): Promise<Step> {
      const id = state.get(key.pushMessageId) ?? fail('noMessageId');
      const type = parseMessageId(id)?.type;
      const isProof = config.verifyAfterRegister && type === 'AUTHENTICATE';
      if (!isProof && state.get(key.pushDeviceProfile) === undefined) fail('noDeviceProfile');
      if (!messages.hasService()) fail('noServiceOnPoll');
      if (!isProof && type !== 'REGISTER')
        fail('otherType', { type: type ?? id.replace(/:.*/, ''), realm: realm.realm });

      if (isLeaving) {
        messages.close(id, 'exit');
        giveUp();
        return goTo('failureOutcome', { reason: 'exit' });
      }

      const message = await onStoreFailure(
        () => messages.status(id),
        (cause) => fail('notVerified', {}, cause),
      );
      switch (message.status) {
        case 'expired':
          return timeOut(id);
        case 'denied':
          messages.consume(id, 'denied');
          giveUp();
          return goTo('failureOutcome', { reason: message.reason });
        case 'pending': {
          if (isProof) return showNumber();
          if (clock.now() >= (state.get(registrationDeadline) ?? 0)) return timeOut(id);
          const uri = await onStoreFailure(
            () => messages.registrationUri(id, labelWith(oath)),
            (cause) => fail('serviceFailed', {}, cause),
          );
          return uri === undefined ? timeOut(id) : showCode(uri);
        }
        case 'approved': {
          const { claims } = message;
          if (beside.obstacle !== undefined) return notSaved(id, beside.obstacle);
          if (isProof) return finish(id, await confirm(id), beside);
          if (claims === undefined) return notSaved(id, 'the answer has no contents');
          if (config.verifyAfterRegister) return askForProof(id, claims);
          return finish(id, await register(id, claims), beside);
        }
        default:
          return fail('unknownStatus', { status: String((message as { status: unknown }).status) });
      }
    },
  };
};
