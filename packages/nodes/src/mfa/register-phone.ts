import {
  type Action,
  type AuditDetail,
  type Clock,
  hiddenValueCallback,
  type Identity,
  type Localized,
  pollingWaitCallback,
  type RealmSettings,
  type SentCallback,
  textOutputCallback,
  type ValueOf,
} from '@assent/engine';
import type { PushDevices, PushMessages, RegistrationClaims, RegistrationLabel } from '@assent/push';
import { parseMessageId } from '@assent/push/protocol';
import * as key from '../state-keys.ts';
import { orElse } from '../store-trouble.ts';
import { accountNameOf, backgroundColorOf } from './mfa-registration.ts';
import {
  type PendingPhoneKey,
  type PhoneRegistrationConfig,
  type PhoneRegistrationError,
  type PhoneRegistrationOutcome,
  type PhoneRegistrationText,
  pendingPhoneKeys,
  registrationDeadline,
} from './phone-registration.ts';
import { qrCodeScript } from './qr-code-script.ts';

const POLL_MILLIS = 2_000;

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
  text(id: PhoneRegistrationText, own?: Localized): string;
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
export const phoneRegistration = ({ identity, config, realm, ports, state, ...node }: PhoneVisit) => {
  const { pushMessages: messages, pushDevices: devices, clock } = ports;
  const { text, fail, report, goTo, send } = node;

  const show = (uri: string) =>
    send(
      textOutputCallback({ message: text('scanQRCode', config.scanQRCodeMessage), messageType: 0 }),
      textOutputCallback({ message: qrCodeScript(uri), messageType: 4 }),
      hiddenValueCallback({ value: uri, id: 'mfaDeviceRegistration' }),
      pollingWaitCallback({ waitTime: POLL_MILLIS, message: '' }),
    );
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
  const timeOut = (id: string) => {
    messages.close(id, 'timeout');
    cleanUp();
    report('timedOut', { id });
    return goTo('timeoutOutcome');
  };
  const notSaved = (id: string, cause: string) => {
    messages.close(id, 'cleanup');
    cleanUp();
    report('notSaved', {}, cause);
    return goTo('failureOutcome');
  };
  const storeAs = async (id: string, claims: RegistrationClaims, beside: RegisteredBeside): Promise<Step> => {
    const saved = await orElse(
      () => devices.register({ identity, messageId: id, issuer: config.issuer, claims }),
      (cause) => fail('notStored', {}, cause),
    );
    if (saved.status !== 'stored') return notSaved(id, saved.status);
    const codes = await beside.store();
    cleanUp();
    if (codes.length > 0) {
      state.set(key.recoveryCodes, [...codes]);
      state.set(key.recoveryCodeDeviceName, saved.deviceName);
    }
    return goTo('successOutcome');
  };

  return {
    /** Leaves nothing of what this or another node had under way. */
    forget() {
      const older = state.get(key.pushMessageId);
      if (older !== undefined) messages.close(older, 'cleanup');
      cleanUp();
    },

    async showCode(oath?: RegistrationLabel['oath']): Promise<Step> {
      const opened = await orElse(
        () => messages.openRegistration({ identity, issuer: config.issuer, timeoutMillis: config.timeout * 1_000 }),
        (cause) => fail('notPersisted', {}, cause),
      );
      if (opened.status === 'serviceMissing') return fail('noService');
      const uri = await orElse(
        () => messages.registrationUri(opened.messageId, labelWith(oath)),
        (cause) => fail('noService', {}, cause),
      );
      state.set(key.pushMessageId, opened.messageId);
      state.set(key.pushDeviceProfile, opened.deviceProfile);
      state.set(key.pushChallengeKey, opened.challengeKey);
      state.set(registrationDeadline, clock.now() + config.timeout * 1_000);
      return show(uri ?? fail('noService'));
    },

    /** Looks whether the phone has answered; until it has, the step stays as it is. */
    async poll(beside: RegisteredBeside, oath?: RegistrationLabel['oath']): Promise<Step> {
      const id = state.get(key.pushMessageId) ?? fail('noMessageId');
      if (state.get(key.pushDeviceProfile) === undefined) fail('noDeviceProfile');
      if (!messages.hasService()) fail('noServiceOnPoll');
      const type = parseMessageId(id)?.type;
      if (type !== 'REGISTER') fail('otherType', { type: type ?? id.replace(/:.*/, ''), realm: realm.realm });

      const message = await orElse(
        () => messages.status(id),
        (cause) => fail('notVerified', {}, cause),
      );
      switch (message.status) {
        case 'expired':
          return timeOut(id);
        case 'denied':
          messages.consume(id, 'denied');
          cleanUp();
          return goTo('failureOutcome', { reason: message.reason });
        case 'pending': {
          if (clock.now() >= (state.get(registrationDeadline) ?? 0)) return timeOut(id);
          const uri = await orElse(
            () => messages.registrationUri(id, labelWith(oath)),
            (cause) => fail('serviceFailed', {}, cause),
          );
          return uri === undefined ? timeOut(id) : show(uri);
        }
        case 'approved': {
          const { claims } = message;
          if (claims === undefined) return notSaved(id, 'the answer has no contents');
          if (beside.obstacle !== undefined) return notSaved(id, beside.obstacle);
          return storeAs(id, claims, beside);
        }
        default:
          return fail('unknownStatus', { status: String((message as { status: unknown }).status) });
      }
    },
  };
};
