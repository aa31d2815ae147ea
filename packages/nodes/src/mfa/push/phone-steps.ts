import {
  confirmationCallback,
  hiddenValueCallback,
  NOT_PRESSED,
  pollingWaitCallback,
  type SentCallback,
  textOutputCallback,
} from '@assent/engine';
import { qrCodeScript } from '../scripts/qr-code-script.ts';

const POLL_MILLIS = 2_000;

/** A code for the phone to scan, in the order that clients know (spec: nodes-mfa §3.1). */
export const codeToScan = (uri: string, message: string): readonly SentCallback[] => [
  textOutputCallback({ message, messageType: 0 }),
  textOutputCallback({ message: qrCodeScript(uri), messageType: 4 }),
  hiddenValueCallback({ value: uri, id: 'mfaDeviceRegistration' }),
  pollingWaitCallback({ waitTime: POLL_MILLIS, message: '' }),
];

/** A number to give on the phone, as Push Wait shows one, with a button that ends the wait. */
export const numberToGive = (number: string, message: string, exit: string): readonly SentCallback[] => [
  pollingWaitCallback({ waitTime: POLL_MILLIS, message }),
  hiddenValueCallback({ value: number, id: 'pushChallengeNumber' }),
  confirmationCallback({ options: [exit], selected: NOT_PRESSED }),
];
