import type { Ceremony } from '../step/step.ts';
import type { TextId } from '../texts/texts.en.ts';

/** What is answered where there are no passkeys: in an old browser, at an insecure address, and without our script. @see spec: webauthn §4 */
export const UNSUPPORTED = 'unsupported';

/** Why there is no passkey, as far as browsers say. */
export type PasskeyProblem = 'cancelled' | 'none' | 'exists' | 'timed-out' | 'unsupported' | 'address' | 'failed';

/** Whether trying again may help. Of all others the journey is told, once the user has read why. */
export const isMendable = (problem: PasskeyProblem): boolean => problem !== 'unsupported' && problem !== 'address';

/** What a browser means by an error; undefined where it was we who have ended the request. @see WebAuthn Level 3 §5.1.3, §5.1.4 */
export const problemOf = (
  name: string,
  { kind, isTimeUp }: { readonly kind: Ceremony['kind']; readonly isTimeUp: boolean },
): PasskeyProblem | undefined => {
  switch (name) {
    case 'AbortError':
      return undefined;
    // Browsers say the same whether somebody has closed their question or let the time pass, so that no page learns more.
    case 'NotAllowedError':
      return isTimeUp ? 'timed-out' : 'cancelled';
    case 'TimeoutError':
      return 'timed-out';
    case 'InvalidStateError':
      return kind === 'create' ? 'exists' : 'none';
    case 'NotSupportedError':
    case 'ConstraintError':
      return 'unsupported';
    case 'SecurityError':
      return 'address';
    default:
      return 'failed';
  }
};

const TEXTS: Readonly<Record<Exclude<PasskeyProblem, 'cancelled' | 'none'>, TextId>> = {
  exists: 'passkeyExists',
  'timed-out': 'passkeyTimedOut',
  unsupported: 'passkeyUnsupported',
  address: 'passkeyAddress',
  failed: 'passkeyFailed',
};

/** The text that says so. */
export const textOfProblem = (problem: PasskeyProblem, kind: Ceremony['kind']): TextId => {
  if (problem === 'cancelled' || problem === 'none') return kind === 'create' ? 'passkeyNotMade' : 'passkeyNotUsed';
  return TEXTS[problem];
};
