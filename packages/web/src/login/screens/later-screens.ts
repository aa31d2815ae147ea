import { CodesScreen } from './codes-screen.tsx';
import { DeviceScreen } from './device-screen.tsx';
import { GetAppScreen } from './get-app-screen.tsx';
import { SetupScreen } from './setup-screen.tsx';
import { MailScreen, PasskeyScreen } from './text-screens.tsx';

/** Screens that no sign-in begins with: a chunk of their own, loaded while the first step is read. @see ux.md §7.3 A2 */
export const laterScreens = {
  codes: CodesScreen,
  device: DeviceScreen,
  'get-app': GetAppScreen,
  setup: SetupScreen,
  mail: MailScreen,
  passkey: PasskeyScreen,
} as const;
