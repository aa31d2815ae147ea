import { defineNode, optional, textOutputCallback } from '@assent/engine';
import { z } from 'zod';
import { recoveryCodeDeviceName, recoveryCodes } from '../state-keys.ts';
import { recoveryCodeScript } from './scripts/recovery-code-script.ts';

/** Shows new recovery codes, once. @see spec: nodes-mfa §4.5 */
export const recoveryCodeDisplay = defineNode({
  type: 'RecoveryCodeDisplayNode',
  title: 'Recovery Code Display Node',
  help: 'Shows new recovery codes once, so that the user can keep them.',
  tags: ['mfa', 'multi-factor authentication'],
  config: z.object({}),
  outcomes: { outcome: 'Outcome' },
  inputs: [optional(recoveryCodes), optional(recoveryCodeDeviceName)],
  outputs: [recoveryCodes, recoveryCodeDeviceName],
  sends: [textOutputCallback],
  texts: {
    recoveryCodeTitle: 'Your Recovery Codes',
    recoveryCodeDescription: 'Keep a copy of these codes now. They are shown only this once.',
    recoveryCodeDeviceIntroduction: 'Each code lets you in once if you lose this device:',
  },

  process({ state, journey, text, goTo, send }) {
    const codes = state.get(recoveryCodes) ?? [];
    const deviceName = state.get(recoveryCodeDeviceName) ?? '';
    state.remove(recoveryCodes);
    state.remove(recoveryCodeDeviceName);
    if (codes.length === 0) return goTo('outcome');
    journey.audit('RECOVERY_SHOWN', { count: codes.length });
    const message = recoveryCodeScript({
      title: text('recoveryCodeTitle'),
      description: text('recoveryCodeDescription'),
      introduction: text('recoveryCodeDeviceIntroduction'),
      deviceName,
      codes,
    });
    return send(textOutputCallback({ message, messageType: 4 }));
  },
});
