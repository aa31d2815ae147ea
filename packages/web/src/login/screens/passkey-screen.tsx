import { Button } from '../../kit/parts/button.tsx';
import { Note } from '../../kit/parts/note.tsx';
import { ConfirmationButtons } from '../callbacks/confirmation-buttons.tsx';
import { Messages } from '../callbacks/messages.tsx';
import { ScreenHead } from '../parts/screen-head.tsx';
import { isMendable, textOfProblem, UNSUPPORTED } from '../passkeys/passkey-problem.ts';
import { usePasskey } from '../passkeys/use-passkey.ts';
import { fieldName, stepForm } from '../step/posted-step.tsx';
import type { Ceremony, Placed } from '../step/step.ts';
import { say } from '../texts/say.ts';
import type { ScreenProps } from './screen-props.ts';

/** P: makes a passkey or uses one. @see ux.md §2.5 */
export const PasskeyScreen = ({ step, screen, first, busy, submit }: ScreenProps<'passkey'>) => {
  const { passkey } = step;
  const { outcome, exit } = screen;
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
          <PasskeyButtons
            ceremony={passkey}
            first={first}
            busy={busy}
            answer={(value) => submit({ [outcome.position]: value })}
          />
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
