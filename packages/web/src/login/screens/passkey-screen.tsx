import { useEffect } from 'preact/hooks';
import { useDelayed } from '../../kit/browser/delayed.ts';
import { Button } from '../../kit/parts/button.tsx';
import { Note } from '../../kit/parts/note.tsx';
import { Ring } from '../../kit/parts/ring.tsx';
import { ConfirmationButtons } from '../callbacks/confirmation-buttons.tsx';
import { Messages } from '../callbacks/messages.tsx';
import { ScreenHead } from '../parts/screen-head.tsx';
import { askForPasskey, endPasskeyRequest } from '../passkeys/ask-for-passkey.ts';
import { isMendable, textOfProblem, UNSUPPORTED } from '../passkeys/passkey-problem.ts';
import { usePasskey } from '../passkeys/use-passkey.ts';
import { fieldName, stepForm } from '../step/posted-step.tsx';
import type { Ceremony, Placed, Step } from '../step/step.ts';
import { say } from '../texts/say.ts';
import type { ScreenProps } from './screen-props.ts';

/** P: makes a passkey or uses one. @see ux.md §2.5 */
export const PasskeyScreen = ({ step, screen, first, busy, problem, submit }: ScreenProps<'passkey'>) => {
  const { passkey } = step;
  const { outcome, exit } = screen;
  const answer = (value: string): void => submit({ [outcome.position]: value });
  // A server that asks for the same again would otherwise be answered for ever.
  if (passkey?.kind === 'create' && passkey.mediation === 'conditional' && problem === undefined) {
    return <PasskeyByItself step={step} ceremony={passkey} outcome={outcome} answer={answer} />;
  }
  return (
    <>
      <ScreenHead step={step} title={say(passkey?.kind === 'create' ? 'passkeyNewHeading' : 'passkeyHeading')}>
        {passkey === undefined || step.description !== undefined ? null : (
          <p class="k-lead">{say(passkey.kind === 'create' ? 'passkeyNewLead' : 'passkeyLead')}</p>
        )}
        <Messages step={step} />
      </ScreenHead>
      <div class="k-stack">
        {passkey === undefined ? (
          <Note tone="warn">{say('cantDo', { type: 'WebAuthn' })}</Note>
        ) : (
          <PasskeyButtons ceremony={passkey} first={first} busy={busy} answer={answer} />
        )}
        <WithoutScript outcome={outcome} />
        {exit === undefined ? null : (
          <ConfirmationButtons
            confirmation={exit}
            busy={busy}
            submit={(index) => submit({ [exit.position]: index })}
            without={passkey?.button}
          />
        )}
      </div>
    </>
  );
};

const PasskeyButtons = ({
  ceremony,
  first,
  busy,
  answer,
}: {
  readonly ceremony: Ceremony;
  readonly first: boolean;
  readonly busy: boolean;
  answer(value: string): void;
}) => {
  const isNew = ceremony.kind === 'create';
  // Somebody has just pressed something in this journey, and nothing else is to be filled in here (WA-27).
  const startsByItself = !first && ceremony.mediation === undefined && isGesture();
  const { asking, problem, ask } = usePasskey(ceremony, { busy, startsByItself, answer });
  const canAsk = problem === undefined || isMendable(problem.problem);
  return (
    <>
      {problem === undefined ? null : <Note tone="danger">{say(textOfProblem(problem.problem, ceremony.kind))}</Note>}
      <div class="k-actions">
        {canAsk ? (
          <Button kind="primary" needsScript busy={busy || asking} busyText={say('passkeyAsking')} onPress={ask}>
            {say(problem === undefined ? (isNew ? 'passkeyNewHeading' : 'passkeyHeading') : 'tryAgain')}
          </Button>
        ) : null}
        {problem === undefined ? null : (
          <Button kind={canAsk ? 'plain' : 'primary'} busy={busy} onPress={() => answer(problem.value)}>
            {say('passkeyWithout')}
          </Button>
        )}
      </div>
    </>
  );
};

/** Nobody has asked for this passkey, and nobody waits longer for it. */
const UNASKED_LIMIT_MILLIS = 3_000;

/** Has the browser make one by itself, and goes on with whatever becomes of that. @see WebAuthn Level 3 §5.1.3, `conditional` */
const PasskeyByItself = ({
  step,
  ceremony,
  outcome,
  answer,
}: {
  readonly step: Step;
  readonly ceremony: Ceremony;
  readonly outcome: Placed;
  answer(value: string): void;
}) => {
  const late = useDelayed(true, 400);
  // Once per appearance of the screen: a new one has a new key.
  useEffect(() => {
    let here = true;
    const timer = setTimeout(endPasskeyRequest, UNASKED_LIMIT_MILLIS);
    void askForPasskey(ceremony, { conditional: true }).then((end) => {
      if (here) answer(end.kind === 'ended' ? 'ERROR::TimeoutError:' : end.value);
    });
    return () => {
      here = false;
      clearTimeout(timer);
      endPasskeyRequest();
    };
  }, []);
  return (
    <div class="k-stack">
      <ScreenHead step={step} title={say('passkeyNewHeading')} />
      {late ? (
        <p class="k-waiting">
          <Ring />
          {say('passkeyAsking')}
        </p>
      ) : null}
      <WithoutScript outcome={outcome} />
    </div>
  );
};

/** Without our script no browser can be asked: what is left are the other ways. @see ux.md §2.9 */
const WithoutScript = ({ outcome }: { readonly outcome: Placed }) => (
  <>
    <p class="k-no-script">{say('needJs')}</p>
    <button
      class="k-btn k-no-script"
      type="submit"
      form={stepForm}
      name={fieldName(outcome.position)}
      value={UNSUPPORTED}
    >
      {say('passkeyWithout')}
    </button>
  </>
);

const isGesture = (): boolean => typeof navigator !== 'undefined' && navigator.userActivation?.isActive === true;
