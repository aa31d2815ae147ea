import type { Timer } from '@assent/engine/host';
import type { PasskeyJudge, PasskeyLibrary } from '../../passkeys/verification/passkey-library.ts';
import { PasskeyThread } from '../../passkeys/verification/passkey-thread.ts';

/** The timer of the machine: what waits in a thread needs no other one, and it keeps no process alive. */
export const realTimer: Timer = (millis, action) => {
  const running = setTimeout(action, millis).unref();
  return () => clearTimeout(running);
};

let shared: PasskeyThread | undefined;

/** The true library in one thread for all tests of a process: to load it takes longer than any of them. It keeps no process alive. */
export const sharedPasskeyLibrary = (): PasskeyLibrary => {
  shared ??= new PasskeyThread({ timer: realTimer });
  return shared;
};

/** A judge of that library. */
export const sharedPasskeyJudge = (): PasskeyJudge => sharedPasskeyLibrary().inLane({ realm: '/' });
