import type { QrCode } from '@assent/wire';
import type { FunctionComponent } from 'preact';
import { landingOf } from '../address/landing.ts';
import type { PageAddress } from '../address/page-address.ts';
import type { Journey } from '../journey/journey.ts';
import type { PageState } from '../journey/page-state.ts';
import { FormScreen } from '../screens/form-screen.tsx';
import { laterScreens } from '../screens/later-screens.ts';
import { passkeyScreens } from '../screens/passkey-screens.ts';
import type { ScreenProps } from '../screens/screen-props.ts';
import type { Screen } from '../step/screen-of-step.ts';
import { Loading } from './loading.tsx';

const screens: { readonly [Kind in Screen['kind']]: FunctionComponent<ScreenProps<Kind>> } = {
  codes: laterScreens.screen('codes'),
  setup: laterScreens.screen('setup'),
  number: laterScreens.screen('number'),
  wait: laterScreens.screen('wait'),
  paused: laterScreens.screen('paused'),
  passkey: passkeyScreens.screen('passkey'),
  'passkey-offer': passkeyScreens.screen('passkey-offer'),
  mail: laterScreens.screen('mail'),
  'get-app': laterScreens.screen('get-app'),
  options: laterScreens.screen('options'),
  device: laterScreens.screen('device'),
  credentials: FormScreen,
  recovery: laterScreens.screen('recovery'),
  form: laterScreens.screen('form'),
};

const EndScreen = laterScreens.screen('end');
const RanOutScreen = laterScreens.screen('ran-out');
const SignedInScreen = laterScreens.screen('signed-in');
const SuccessScreen = laterScreens.screen('success');

const noErrors: Readonly<Record<number, string>> = {};

/** What the page shows at a state of the journey: the screen for its step, or how it ended. */
export const Content = ({
  journey,
  address,
  state,
  realm,
  phone,
  isRenderedOnServer,
  posted,
  qr,
  turned,
}: {
  readonly journey: Journey;
  readonly address: PageAddress;
  readonly state: PageState;
  readonly realm: string;
  readonly phone: string | undefined;
  readonly isRenderedOnServer: boolean;
  readonly posted: string | undefined;
  readonly qr: QrCode | undefined;
  turned(): void;
}) => {
  const landing = (successUrl: string | undefined) => landingOf(successUrl, address);
  switch (state.kind) {
    case 'loading':
      return <Loading isRenderedOnServer={isRenderedOnServer} />;
    case 'step': {
      const { step, screen, first, busy, problem, until, resendFrom, ranOut, renewed, errors = noErrors } = state;
      if (ranOut) {
        return (
          <RanOutScreen
            step={step}
            setup={screen.kind === 'setup'}
            busy={busy}
            goOn={journey.goOn}
            submit={journey.submit}
            turned={turned}
          />
        );
      }
      // Each kind has its own component, which the compiler cannot follow through the table.
      const Shown = screens[screen.kind] as FunctionComponent<ScreenProps>;
      return (
        <Shown
          step={step}
          screen={screen}
          first={first}
          busy={busy}
          problem={problem}
          username={journey.username()}
          errors={errors}
          posted={posted}
          qr={qr}
          realm={realm}
          phone={phone}
          until={until}
          resendFrom={resendFrom}
          renewed={renewed}
          submit={journey.submit}
          sendAgain={journey.sendAgain}
          turned={turned}
        />
      );
    }
    case 'signed-in':
      return (
        <SignedInScreen
          name={state.name}
          to={landing(state.successUrl)}
          another={journey.useAnotherAccount}
          turned={turned}
        />
      );
    case 'success':
      return <SuccessScreen to={landing(state.successUrl)} turned={turned} />;
    case 'end': {
      const usual = address.realm === '/' ? 'login' : `login?realm=${encodeURIComponent(address.realm)}`;
      return (
        <EndScreen
          state={state}
          address={address}
          usual={new URL(usual, address.context).href}
          startOver={journey.startOver}
          retry={journey.retry}
          turned={turned}
        />
      );
    }
  }
};
