import type { OAuthScreen } from '@assent/wire';
import { ConsentScreen } from './consent-screen.tsx';
import { DeviceCodeScreen, DeviceConsentScreen, DeviceDoneScreen } from './device-screens.tsx';
import { ErrorScreen } from './error-screen.tsx';
import { FormPostScreen } from './form-post-screen.tsx';
import type { ScreenProps } from './screen-props.ts';
import { SignedOutScreen, SignOutScreen } from './sign-out-screens.tsx';

/** The one screen that a page of the provider has. */
export const AnyScreen = ({ screen, ...place }: ScreenProps<OAuthScreen['kind']>) => {
  switch (screen.kind) {
    case 'consent':
      return <ConsentScreen screen={screen} {...place} />;
    case 'formPost':
      return <FormPostScreen screen={screen} {...place} />;
    case 'error':
      return <ErrorScreen screen={screen} {...place} />;
    case 'signOut':
      return <SignOutScreen screen={screen} {...place} />;
    case 'signedOut':
      return <SignedOutScreen screen={screen} {...place} />;
    case 'deviceCode':
      return <DeviceCodeScreen screen={screen} {...place} />;
    case 'deviceConsent':
      return <DeviceConsentScreen screen={screen} {...place} />;
    case 'deviceDone':
      return <DeviceDoneScreen screen={screen} {...place} />;
  }
};
