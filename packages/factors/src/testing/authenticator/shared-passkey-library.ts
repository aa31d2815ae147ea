import type { PasskeyLibrary } from '../../passkeys/verification/passkey-library.ts';
import { PasskeyThread } from '../../passkeys/verification/passkey-thread.ts';

let shared: PasskeyThread | undefined;

/** The true library in one thread for all tests of a process: to load it takes longer than any of them. It keeps no process alive. */
export const sharedPasskeyLibrary = (): PasskeyLibrary => {
  shared ??= new PasskeyThread();
  return shared;
};
