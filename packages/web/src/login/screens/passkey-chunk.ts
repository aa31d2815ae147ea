import { PasskeyBeside } from './passkey-beside.tsx';
import { PasskeyOfferScreen } from './passkey-offer-screen.tsx';
import { PasskeyScreen } from './passkey-screen.tsx';

/** Screens that ask for a passkey, or offer one: a chunk of their own, loaded where a step does, and not before. @see spec: webauthn §11 */
export const screens = {
  passkey: PasskeyScreen,
  'passkey-beside': PasskeyBeside,
  'passkey-offer': PasskeyOfferScreen,
} as const;
