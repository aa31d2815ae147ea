import type { RegistrationLabel } from '@assent/push';
import { parseMessageId } from '@assent/push/protocol';
import * as key from '../../state-keys.ts';
import { onStoreFailure } from '../../store-failure.ts';
import { accountNameOf, backgroundColorOf } from '../registration/mfa-registration.ts';
import { registrationDeadline } from './phone-registration.ts';
import { phoneRegistrationEnds } from './phone-registration-ends.ts';
import { codeToScan } from './phone-steps.ts';
import { phoneStorage } from './phone-storage.ts';
import type { PhoneStep, PhoneVisit, RegisteredBeside } from './phone-visit.ts';

/** A phone's way from the code on the screen to a device of the user, by the documented steps and words. */
export const phoneRegistration = (visit: PhoneVisit) => {
  const { identity, config, realm, ports, state, isLeaving, text, fail, send } = visit;
  const { pushMessages: messages, clock } = ports;
  const ends = phoneRegistrationEnds(visit);
  const phone = phoneStorage(visit, ends);
  const isOver = () => clock.now() >= (state.get(registrationDeadline) ?? 0);

  const labelWith = (oath: RegistrationLabel['oath']): RegistrationLabel => ({
    issuer: config.issuer,
    account: accountNameOf(identity, config.accountName),
    backgroundColor: backgroundColorOf(config.bgColor),
    ...(config.imgUrl.trim() !== '' && { imageUrl: config.imgUrl.trim() }),
    ...(oath !== undefined && { oath }),
  });
  const uriOf = (id: string, oath: RegistrationLabel['oath'], failure: 'noService' | 'serviceFailed') =>
    onStoreFailure(
      () => messages.registrationUri(id, labelWith(oath)),
      (cause) => fail(failure, {}, cause),
    );
  const showCode = (uri: string) => send(...codeToScan(uri, text('scanQRCode', config.scanQRCodeMessage)));

  /** The message that is waited for: the one of the code, or the request by which the phone proves itself. */
  const awaited = () => {
    const id = state.get(key.pushMessageId) ?? fail('noMessageId');
    const type = parseMessageId(id)?.type;
    const isProof = config.verifyAfterRegister && type === 'AUTHENTICATE';
    if (!isProof && state.get(key.pushDeviceProfile) === undefined) fail('noDeviceProfile');
    if (!messages.hasService()) fail('noServiceOnPoll');
    if (!isProof && type !== 'REGISTER') fail('otherType', { type: type ?? id.replace(/:.*/, ''), realm: realm.realm });
    return { id, isProof };
  };

  return {
    forget: ends.forget,

    async begin(oath?: RegistrationLabel['oath']): Promise<PhoneStep> {
      const opened = await onStoreFailure(
        () => messages.openRegistration({ identity, issuer: config.issuer, timeoutMillis: config.timeout * 1_000 }),
        (cause) => fail('notPersisted', {}, cause),
      );
      if (opened.status === 'serviceMissing') return fail('noService');
      const uri = await uriOf(opened.messageId, oath, 'noService');
      state.set(key.pushMessageId, opened.messageId);
      state.set(key.pushDeviceProfile, opened.deviceProfile);
      state.set(key.pushChallengeKey, opened.challengeKey);
      state.set(registrationDeadline, clock.now() + config.timeout * 1_000);
      return showCode(uri ?? fail('noService'));
    },

    /** Asks whether the phone has answered; until it has, the step stays as it is. */
    async poll(beside: RegisteredBeside, oath?: RegistrationLabel['oath']): Promise<PhoneStep> {
      const { id, isProof } = awaited();
      if (isLeaving) return ends.leave(id);
      const message = await onStoreFailure(
        () => messages.status(id),
        (cause) => fail('notVerified', {}, cause),
      );
      switch (message.status) {
        case 'expired':
          return ends.timeOut(id);
        case 'denied':
          return ends.denied(id, message.reason);
        case 'pending': {
          if (isProof) return phone.showNumber();
          if (isOver()) return ends.timeOut(id);
          const uri = await uriOf(id, oath, 'serviceFailed');
          return uri === undefined ? ends.timeOut(id) : showCode(uri);
        }
        case 'approved': {
          const { claims } = message;
          const obstacle = await beside.obstacle();
          if (obstacle !== undefined) return ends.notSaved(id, obstacle);
          if (isProof) return ends.finish(id, await phone.confirm(id), beside);
          if (claims === undefined) return ends.notSaved(id, 'the answer has no contents');
          if (config.verifyAfterRegister) return phone.askForProof(id, claims);
          return ends.finish(id, await phone.store(id, claims), beside);
        }
        default:
          return fail('unknownStatus', { status: String((message as { status: unknown }).status) });
      }
    },
  };
};
