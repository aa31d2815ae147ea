import type { QrCode } from '@assent/wire';
import type { FunctionComponent } from 'preact';
import { landingOf } from '../address/landing.ts';
import type { PageAddress } from '../address/page-address.ts';
import type { Journey } from '../journey/journey.ts';
import type { PageState } from '../journey/page-state.ts';
import { FormScreen } from '../screens/form-screen.tsx';
import { lazyScreen } from '../screens/lazy-screen.tsx';
import type { ScreenProps } from '../screens/screen-props.ts';
import type { PostedStep } from '../step/posted-step.tsx';
import type { Screen } from '../step/screen-of-step.ts';
import { Loading } from './loading.tsx';

const screens: { readonly [Kind in Screen['kind']]: FunctionComponent<ScreenProps<Kind>> } = {
  codes: lazyScreen('codes'),
  setup: lazyScreen('setup'),
  number: lazyScreen('number'),
  wait: lazyScreen('wait'),
  paused: lazyScreen('paused'),
  passkey: lazyScreen('passkey'),
  mail: lazyScreen('mail'),
  'get-app': lazyScreen('get-app'),
  options: lazyScreen('options'),
  device: lazyScreen('device'),
  credentials: FormScreen,
  recovery: lazyScreen('recovery'),
  form: lazyScreen('form'),
};

const EndScreen = lazyScreen('end');
const RanOutScreen = lazyScreen('ran-out');
const SignedInScreen = lazyScreen('signed-in');
const SuccessScreen = lazyScreen('success');

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
  readonly posted: PostedStep | undefined;
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
