import { AnyFormScreen } from './any-form-screen.tsx';
import { CodesScreen } from './codes-screen.tsx';
import { DeviceScreen } from './device-screen.tsx';
import { EndScreen } from './end-screen.tsx';
import { GetAppScreen } from './get-app-screen.tsx';
import { MailScreen } from './mail-screen.tsx';
import { OptionsScreen } from './options-screen.tsx';
import { PausedScreen } from './paused-screen.tsx';
import { RanOutScreen } from './ran-out-screen.tsx';
import { RecoveryScreen } from './recovery-screen.tsx';
import { SetupScreen } from './setup-screen.tsx';
import { SignedInScreen, SuccessScreen } from './success-screens.tsx';
import { WaitScreen } from './wait-screen.tsx';

/** Screens that few sign-ins begin with: a chunk of their own, loaded while the first step is read. @see ux.md §7.3 A2 */
export const screens = {
  codes: CodesScreen,
  form: AnyFormScreen,
  device: DeviceScreen,
  end: EndScreen,
  'get-app': GetAppScreen,
  setup: SetupScreen,
  mail: MailScreen,
  number: WaitScreen,
  options: OptionsScreen,
  paused: PausedScreen,
  'ran-out': RanOutScreen,
  recovery: RecoveryScreen,
  'signed-in': SignedInScreen,
  success: SuccessScreen,
  wait: WaitScreen,
} as const;
