import type { QrCode } from '@assent/wire';
import type { FunctionComponent } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { announce, hush } from '../../kit/browser/announce.ts';
import { useDelayed } from '../../kit/browser/delayed.ts';
import type { Language } from '../../kit/language/language.ts';
import { Button } from '../../kit/parts/button.tsx';
import { Note } from '../../kit/parts/note.tsx';
import { PageFrame } from '../../kit/parts/page-frame.tsx';
import { Ring } from '../../kit/parts/ring.tsx';
import { landingOf } from '../address/landing.ts';
import type { PageAddress } from '../address/page-address.ts';
import type { RealmPage } from '../address/realm-page.ts';
import type { Journey } from '../journey/journey.ts';
import type { Connection, PageState, StepState } from '../journey/page-state.ts';
import { FormScreen } from '../screens/form-screen.tsx';
import { lazyScreen } from '../screens/lazy-screen.tsx';
import type { ScreenProps } from '../screens/screen-props.ts';
import { PostedField, type PostedStep, pressed, stepForm } from '../step/posted-step.tsx';
import type { Screen } from '../step/screen-of-step.ts';
import { say } from '../texts/say.ts';
import { titleOf } from './page-title.ts';

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

/** Screens whose first empty field gets the focus; on all others it is the heading. @see ux.md §2.8 */
const typedInto: ReadonlySet<string> = new Set(['credentials', 'recovery', 'form']);

/** The login page: renders the state of the journey, and sees to focus, title and announcements. */
export const LoginPage = ({
  journey,
  address,
  realmPage,
  language,
  chooseLanguage,
  subscribe,
  onServer,
}: {
  readonly journey: Journey;
  readonly address: PageAddress;
  readonly realmPage: RealmPage;
  readonly language: () => Language;
  chooseLanguage(language: Language): void;
  subscribe(listener: () => void): () => void;
  /** Where the server renders the page: what browsers without our script need beside. */
  readonly onServer?: {
    readonly qr: QrCode | undefined;
    /** The one that was chosen by a form. */
    readonly language: Language | undefined;
  };
}) => {
  const [, rerender] = useState(0);
  const [turns, setTurns] = useState(0);
  // Before the first paint: a quick server answers sooner than effects run, and that answer must not be missed.
  useLayoutEffect(() => subscribe(() => rerender((times) => times + 1)), []);

  const main = useRef<HTMLElement>(null);
  const state = journey.state();
  const connection = journey.connection();
  const { name: realm, logo, phone } = realmPage;
  const appearance = state.kind === 'step' ? `step-${state.serial}` : state.kind;
  // What came with the page is there at once; what takes its place comes in.
  const { current: renderedFirst } = useRef(appearance);

  const beginning = useRef(true);
  useLayoutEffect(() => {
    if (state.kind === 'loading' || main.current === null) return;
    placeFocus(main.current, state, beginning.current);
    beginning.current = false;
    hush('alert');
    if (state.kind === 'step' && state.problem !== undefined) announce('alert', problemText(state));
  }, [appearance, turns]);

  useEffect(() => {
    const screen = main.current?.querySelector('h1')?.textContent ?? say('signIn');
    document.title = titleOf(state, { screen, realm });
  });

  const posted: PostedStep | undefined =
    onServer !== undefined && state.kind === 'step'
      ? { step: state.step, first: state.first, username: journey.username(), language: onServer.language }
      : undefined;
  const hasOwnForm = state.kind === 'step' && !state.ranOut && typedInto.has(state.screen.kind);
  const goesBack = state.kind === 'step' && !(state.first && state.screen.kind === 'credentials');
  return (
    <PageFrame
      name={realm}
      logo={logo}
      wide={state.kind === 'step' && (state.screen.kind === 'setup' || state.screen.kind === 'codes')}
      mainRef={main}
      languages={{
        language: language(),
        label: say('language'),
        choose: chooseLanguage,
        posts: onServer && { form: stepForm, label: say('apply') },
      }}
      foot={
        goesBack ? (
          <Button kind="quiet" posts={pressed} value="over" onPress={journey.startOver}>
            {say('startOver')}
          </Button>
        ) : undefined
      }
    >
      <div key={appearance} class={appearance === renderedFirst ? undefined : 'k-enter'}>
        <ConnectionNote
          connection={connection}
          busy={state.kind === 'step' && state.busy}
          posts={state.kind === 'loading' ? pressed : undefined}
          retry={journey.retry}
        />
        <Content
          journey={journey}
          address={address}
          state={state}
          realm={realm}
          phone={phone}
          isRenderedOnServer={onServer !== undefined}
          posted={posted}
          qr={onServer?.qr}
          turned={() => setTurns((times) => times + 1)}
        />
        {onServer === undefined || hasOwnForm ? null : (
          <form id={stepForm} method="post">
            <PostedField posted={posted} />
          </form>
        )}
      </div>
    </PageFrame>
  );
};

const Content = ({
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

/** Nothing for 400 ms, then a word; without a script, a button that asks for what there is not yet. */
const Loading = ({ isRenderedOnServer }: { readonly isRenderedOnServer: boolean }) => {
  const late = useDelayed(true, 400);
  return (
    <div class="l-loading">
      <h1 class="sr-only" tabIndex={-1}>
        {say('signIn')}
      </h1>
      {late ? (
        <p class="k-waiting">
          <Ring />
          {say('loading')}
        </p>
      ) : null}
      {isRenderedOnServer ? (
        <button class="k-btn k-no-script" type="submit" data-kind="primary" {...pressed} value="over">
          {say('continue')}
        </button>
      ) : null}
    </div>
  );
};

const ConnectionNote = ({
  connection,
  busy,
  posts,
  retry,
}: {
  readonly connection: Connection;
  readonly busy: boolean;
  /** Before there is a form; in one, Enter would press this button instead of sending it. */
  readonly posts: typeof pressed | undefined;
  retry(): void;
}) => {
  const slow = useDelayed(busy, 5000);
  const text = connectionText(connection) ?? (slow ? say('slow') : undefined);
  useEffect(() => {
    if (text !== undefined) announce(connection.kind === 'fine' ? 'status' : 'alert', text);
  }, [text]);
  if (text === undefined) return null;
  return (
    <div class="l-connection">
      <Note tone={connection.kind === 'fine' ? 'info' : 'warn'}>
        <p>{text}</p>
        {connection.kind === 'busy' || connection.kind === 'lost' ? (
          <Button kind="quiet" fit posts={posts} value="over" onPress={retry}>
            {say('tryNow')}
          </Button>
        ) : null}
      </Note>
    </div>
  );
};

const connectionText = (connection: Connection): string | undefined => {
  switch (connection.kind) {
    case 'fine':
      return undefined;
    case 'busy':
      return say('busy', { n: Math.max(1, Math.round(connection.for / 1000)) });
    default:
      return say(connection.kind);
  }
};

const problemText = ({ problem, screen }: StepState): string => {
  if (problem?.message !== undefined) return problem.message;
  if (problem?.kind === 'credentials') return say('wrongCredentials');
  return say(screen.kind === 'recovery' ? 'recoveryWrong' : 'wrongAnswer');
};

const placeFocus = (main: HTMLElement, state: PageState, beginning: boolean): void => {
  // Somebody was quicker than the script.
  if (beginning && main.contains(document.activeElement)) return;
  const byFinger = matchMedia('(pointer: coarse)').matches;
  if (state.kind === 'step' && typedInto.has(state.screen.kind) && !byFinger) {
    const fields = [...main.querySelectorAll<HTMLInputElement>('input[data-position]')];
    const empty = fields.find((field) => field.value === '');
    if (empty !== undefined) {
      empty.focus();
      return;
    }
  }
  // On a phone nothing is focused on arrival: no surprise keyboard, and the page is read from its top anyway.
  if (beginning && byFinger) return;
  main.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
  window.scrollTo({ top: 0 });
};
