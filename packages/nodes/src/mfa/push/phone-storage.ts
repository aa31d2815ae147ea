import type { RegistrationClaims } from '@assent/push';
import * as key from '../../state-keys.ts';
import { onStoreFailure } from '../../store-failure.ts';
import { registrationDeadline } from './phone-registration.ts';
import type { phoneRegistrationEnds, StoredPhone } from './phone-registration-ends.ts';
import { numberToGive } from './phone-steps.ts';
import type { PhoneStep, PhoneVisit } from './phone-visit.ts';

/**
 * How a phone gets stored: at once, or after it has proved that it can answer. For that it is stored as a pending device, and
 * is sent a request to which it has to give the number that the browser shows (docs/adr/0018).
 */
export const phoneStorage = (
  { identity, config, ports, state, text, fail, send }: PhoneVisit,
  ends: ReturnType<typeof phoneRegistrationEnds>,
) => {
  const { pushMessages: messages, pushDevices: devices, clock } = ports;

  const store = (id: string, claims: RegistrationClaims, proveBy?: number): Promise<StoredPhone> =>
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

  const showNumber = () => {
    const challenge = state.get(key.pushNumberChallengeKey) ?? fail('noMessageId');
    const kind = state.get(key.pushNumberIs) === 'typed' ? 'typed' : 'tapped';
    return send(...numberToGive(challenge, text(kind, {}, { challenge }), text('exit')));
  };

  const sendRequest = async (device: Parameters<typeof messages.send>[0]['devices'][number], timeoutMillis: number) => {
    const sent = await onStoreFailure(
      () =>
        messages.send({
          identity,
          devices: [device],
          text: text('connect'),
          namelessText: text('connectNameless'),
          user: identity.username,
          pushType: 'CHALLENGE',
          timeoutMillis,
          payload: {},
          waitForProvider: false,
        }),
      (cause) => fail('notPersisted', {}, cause),
    );
    return sent.status === 'sent' ? sent : fail('noService', {}, sent.status);
  };

  return {
    store,
    showNumber,

    /** Keeps the phone as one that has yet to prove itself, and asks it to. */
    async askForProof(id: string, claims: RegistrationClaims): Promise<PhoneStep> {
      const proveBy = state.get(registrationDeadline) ?? 0;
      const timeoutMillis = proveBy - clock.now();
      if (timeoutMillis <= 0) return ends.timeOut(id);
      const saved = await store(id, claims, proveBy);
      if (saved.status !== 'stored') return ends.notSaved(id, saved.status);
      const sent = await sendRequest(saved.device, timeoutMillis);
      for (const used of [key.pushDeviceProfile, key.pushChallengeKey]) state.remove(used);
      state.set(key.pushMessageId, sent.messageId);
      if (sent.number !== undefined) state.set(key.pushNumberChallengeKey, sent.number);
      if (sent.numberIs !== undefined) state.set(key.pushNumberIs, sent.numberIs);
      return showNumber();
    },

    /** The phone has proved itself: it becomes a device like any other. */
    async confirm(id: string): Promise<StoredPhone> {
      const confirmed = await onStoreFailure(
        () => devices.confirm({ identity, messageId: id }),
        (cause) => fail('notStored', {}, cause),
      );
      if (confirmed.status === 'stored') messages.consume(id, 'approved');
      return confirmed;
    },
  };
};
