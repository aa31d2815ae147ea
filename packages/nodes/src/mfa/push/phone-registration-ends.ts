import type { PushDevices } from '@assent/push';
import * as key from '../../state-keys.ts';
import { pendingPhoneKeys } from './phone-registration.ts';
import type { PhoneStep, PhoneVisit, RegisteredBeside } from './phone-visit.ts';

/** What the store says of a phone that it was to keep. */
export type StoredPhone = Awaited<ReturnType<PushDevices['register']>>;

/** Every way out of a registration; each leaves nothing pending behind (SEC-07). */
export const phoneRegistrationEnds = ({ config, ports, state, report, goTo }: PhoneVisit) => {
  const { pushMessages: messages, pushDevices: devices } = ports;

  const forgetState = () => {
    for (const pending of pendingPhoneKeys) state.remove(pending);
  };
  const giveUp = () => {
    forgetState();
    if (config.verifyAfterRegister) devices.discard();
  };
  const notSaved = (id: string, cause: string): PhoneStep => {
    messages.close(id, 'cleanup');
    giveUp();
    report('notSaved', {}, cause);
    return goTo('failureOutcome');
  };

  return {
    notSaved,

    /** Leaves nothing of what this or another node had begun. */
    forget() {
      const older = state.get(key.pushMessageId);
      if (older === undefined) return forgetState();
      messages.close(older, 'cleanup');
      giveUp();
    },

    leave(id: string): PhoneStep {
      messages.close(id, 'exit');
      giveUp();
      return goTo('failureOutcome', { reason: 'exit' });
    },

    denied(id: string, reason: string): PhoneStep {
      messages.consume(id, 'denied');
      giveUp();
      return goTo('failureOutcome', { reason });
    },

    timeOut(id: string): PhoneStep {
      messages.close(id, 'timeout');
      giveUp();
      report('timedOut', { id });
      return goTo('timeoutOutcome');
    },

    async finish(id: string, saved: StoredPhone, beside: RegisteredBeside): Promise<PhoneStep> {
      if (saved.status !== 'stored') return notSaved(id, saved.status);
      const codes = await beside.store();
      forgetState();
      if (codes.length > 0) {
        state.set(key.recoveryCodes, [...codes]);
        state.set(key.recoveryCodeDeviceName, saved.device.deviceName);
      }
      return goTo('successOutcome');
    },
  };
};
