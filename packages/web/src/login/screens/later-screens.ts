import { AnyFormScreen } from './any-form-screen.tsx';
import { CodesScreen } from './codes-screen.tsx';
import { DeviceScreen } from './device-screen.tsx';
import { GetAppScreen } from './get-app-screen.tsx';
import { OptionsScreen } from './options-screen.tsx';
import { RecoveryScreen } from './recovery-screen.tsx';
import { SetupScreen } from './setup-screen.tsx';
import { MailScreen, PasskeyScreen } from './text-screens.tsx';
import { WaitScreen } from './wait-screen.tsx';

/** Screens that no sign-in begins with: a chunk of their own, loaded while the first step is read. @see ux.md §7.3 A2 */
export const laterScreens = {
  codes: CodesScreen,
  form: AnyFormScreen,
  device: DeviceScreen,
  'get-app': GetAppScreen,
  setup: SetupScreen,
  mail: MailScreen,
  passkey: PasskeyScreen,
  number: WaitScreen,
  options: OptionsScreen,
  recovery: RecoveryScreen,
  wait: WaitScreen,
} as const;
