import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { announce } from '../kit/browser/announce.ts';
import { useDelayed } from '../kit/browser/delayed.ts';
import { fillText } from '../kit/language/fill-text.ts';
import { Filled } from '../kit/language/filled.tsx';
import type { LanguageChoice } from '../kit/language/language-chooser.tsx';
import { Button } from '../kit/parts/button.tsx';
import { Note } from '../kit/parts/note.tsx';
import { PageFrame } from '../kit/parts/page-frame.tsx';
import type { AccountClient, Overview, Owner, Reply } from './account-client.ts';
import type { AccountWork } from './account-work.ts';
import { ActivitySection } from './activity-section.tsx';
import { ApplicationsSection } from './applications-section.tsx';
import { CodesSection } from './codes-section.tsx';
import { DataSection } from './data-section.tsx';
import { DevicesSection } from './devices-section.tsx';
import { Question } from './question.tsx';
import { SessionsSection } from './sessions-section.tsx';
import { type Intention, journeyAddress } from './step-up.ts';
import type { AccountCatalogue } from './texts/texts.en.ts';
import { timesIn } from './times.ts';

type State =
  | { readonly kind: 'loading' | 'signed-out' | 'nobody' | 'unreachable' }
  /** The session is that of a user whom all guests share. */
  | { readonly kind: 'guest'; readonly owner: Owner }
  | { readonly kind: 'shown'; readonly owner: Owner; readonly overview: Overview };

/** Why a change did not come about, as the user is told. */
const reasonOf = (kind: Exclude<Reply<unknown>['kind'], 'done'>, texts: AccountCatalogue): string => {
  if (kind === 'changed') return texts.changed;
  return kind === 'tooOften' ? texts.tooOften : texts.notDone;
};

/** The account page: devices, recovery codes, sessions, applications and what happened (design.md §3.3 "account page"). */
export const AccountPage = ({
  client,
  texts,
  languages,
  context,
  intention,
}: {
  readonly client: AccountClient;
  readonly texts: AccountCatalogue;
  readonly languages: Omit<LanguageChoice, 'label'>;
  readonly context: string;
  /** What the user was about to do before a second factor was asked for. */
  readonly intention: Intention | undefined;
}) => {
  const [state, setState] = useState<State>({ kind: 'loading' });
  const [leaving, setLeaving] = useState(false);
  const [asked, setAsked] = useState<{ readonly for: Intention | undefined; readonly isFactor: boolean }>();
  /** Why the last change did not come about. */
  const [problem, setProblem] = useState<string>();
  const main = useRef<HTMLElement>(null);
  const devices = useRef<HTMLHeadingElement>(null);
  const late = useDelayed(state.kind === 'loading', 400);
  const times = useMemo(() => timesIn(languages.language, navigator.languages), [languages.language]);

  const read = async (): Promise<void> => {
    const account = await client.who();
    if (account.kind !== 'signed-in') return setState(account);
    const reply = await client.overview(account);
    if (reply.kind === 'done') return setState({ kind: 'shown', owner: account, overview: reply.value });
    if (reply.kind === 'noAccount') return setState({ kind: 'guest', owner: account });
    setState({ kind: reply.kind === 'nobody' ? 'nobody' : 'unreachable' });
  };
  const look = (): void => {
    setState({ kind: 'loading' });
    void read();
  };
  // In another language applications say something else.
  useEffect(() => void read(), [languages.language]);
  useEffect(() => {
    const heading = main.current?.querySelector('h1');
    document.title = fillText(texts.title, { screen: heading?.textContent ?? '' });
  }, [state.kind, texts]);
  useEffect(() => {
    if (state.kind === 'signed-out') main.current?.querySelector('h1')?.focus();
  }, [state.kind]);

  const leave = async (): Promise<void> => {
    setLeaving(true);
    const left = await client.signOut();
    setLeaving(false);
    setState({ kind: left ? 'signed-out' : 'unreachable' });
  };

  const workOf = (owner: Owner): AccountWork => ({
    client,
    owner,
    texts,
    times,
    journey: (service, wanted) => journeyAddress(context, owner, service, wanted),
    change: async (wanted, send, done) => {
      setProblem(undefined);
      const reply = await send();
      if (reply.kind === 'done') {
        announce('status', done);
        await read();
        return reply.value;
      }
      if (reply.kind === 'nobody') setState({ kind: 'nobody' });
      else if (reply.kind === 'needsFactor' || reply.kind === 'needsSignIn') {
        setAsked({ for: wanted, isFactor: reply.kind === 'needsFactor' });
      } else {
        const reason = reasonOf(reply.kind, texts);
        announce('alert', reason);
        setProblem(reason);
        await read();
      }
      return undefined;
    },
  });

  const content = () => {
    switch (state.kind) {
      case 'loading':
        return <h1 class={late ? 'k-lead' : 'sr-only'}>{texts.loading}</h1>;
      case 'shown': {
        const { owner, overview } = state;
        const work = workOf(owner);
        return (
          <>
            <div class="k-head k-no-print">
              <h1>
                <Filled text={texts.signedInAs} values={{ name: owner.name }} />
              </h1>
              {owner.realm === '/' ? null : (
                <p class="k-lead">
                  <Filled text={texts.realm} values={{ realm: owner.realm }} />
                </p>
              )}
              <div>
                <Button busy={leaving} onPress={() => void leave()}>
                  {texts.signOut}
                </Button>
              </div>
            </div>
            <DevicesSection work={work} devices={overview.devices} intention={intention} heading={devices} />
            <CodesSection work={work} left={overview.codesLeft} intention={intention} />
            <SessionsSection work={work} sessions={overview.sessions} />
            <ApplicationsSection work={work} page={overview.applications} />
            <ActivitySection
              work={work}
              page={overview.activity}
              sessions={overview.sessions}
              toDevices={() => devices.current?.focus()}
            />
            <DataSection work={work} intention={intention} />
            {problem === undefined ? null : (
              <div class="a-problem">
                <Note tone="danger">{problem}</Note>
              </div>
            )}
            {asked === undefined ? null : (
              <Question title={texts.stepUp} onClose={() => setAsked(undefined)}>
                <p>{asked.isFactor ? texts.stepUpReason : texts.signInReason}</p>
                <div class="k-row">
                  <Button onPress={() => setAsked(undefined)}>{texts.cancel}</Button>
                  <a
                    class="k-btn"
                    data-kind="primary"
                    href={work.journey(asked.isFactor ? 'StepUp' : 'anew', asked.for)}
                  >
                    {texts.stepUpGo}
                  </a>
                </div>
              </Question>
            )}
          </>
        );
      }
      case 'guest':
        return (
          <>
            <div class="k-head">
              <h1>{texts.guest}</h1>
              <p class="k-lead">{texts.guestReason}</p>
            </div>
            <div class="k-actions">
              <a class="k-btn" data-kind="primary" href={journeyAddress(context, state.owner, 'anew')}>
                {texts.signIn}
              </a>
              <Button busy={leaving} onPress={() => void leave()}>
                {texts.signOut}
              </Button>
            </div>
          </>
        );
      case 'unreachable':
        return (
          <>
            <div class="k-head">
              <h1>{texts.failed}</h1>
            </div>
            <div class="k-actions">
              <Button kind="primary" onPress={look}>
                {texts.tryAgain}
              </Button>
            </div>
          </>
        );
      default:
        return (
          <>
            <div class="k-head">
              <h1 tabIndex={-1}>{state.kind === 'nobody' ? texts.notSignedIn : texts.signedOut}</h1>
            </div>
            <div class="k-actions">
              <a class="k-btn" data-kind="primary" href="login">
                {texts.signIn}
              </a>
            </div>
          </>
        );
    }
  };
  return (
    <PageFrame
      name="Assent"
      wide={state.kind === 'shown'}
      mainRef={main}
      languages={{ ...languages, label: texts.language }}
    >
      {content()}
    </PageFrame>
  );
};
