import type { QrCode } from '@assent/wire';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { announce, hush } from '../../kit/browser/announce.ts';
import type { Language } from '../../kit/language/language.ts';
import { Button } from '../../kit/parts/button.tsx';
import { PageFrame } from '../../kit/parts/page-frame.tsx';
import type { PageAddress } from '../address/page-address.ts';
import type { RealmPage } from '../address/realm-page.ts';
import type { Journey } from '../journey/journey.ts';
import type { StepState } from '../journey/page-state.ts';
import { PostedField, type PostedStep, pressed, stepForm } from '../step/posted-step.tsx';
import { say } from '../texts/say.ts';
import { ConnectionNote } from './connection-note.tsx';
import { Content } from './content.tsx';
import { placeFocus, typedInto } from './focus.ts';
import { titleOf } from './page-title.ts';

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
    seal(step: PostedStep): string;
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

  const posted =
    onServer !== undefined && state.kind === 'step'
      ? onServer.seal({
          step: state.step,
          first: state.first,
          username: journey.username(),
          language: onServer.language,
        })
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

const problemText = ({ problem, screen }: StepState): string => {
  if (problem?.message !== undefined) return problem.message;
  if (problem?.kind === 'credentials') return say('wrongCredentials');
  return say(screen.kind === 'recovery' ? 'recoveryWrong' : 'wrongAnswer');
};
