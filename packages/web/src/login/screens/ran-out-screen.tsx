import { Button } from '../../kit/parts/button.tsx';
import { ConfirmationButtons } from '../callbacks/confirmation-buttons.tsx';
import { ScreenHead } from '../parts/screen-head.tsx';
import { pressed } from '../step/posted-step.tsx';
import { type Answers, ofType, type Step } from '../step/step.ts';
import { say } from '../texts/say.ts';

/** Nobody answered in time. Nothing is sent anew before somebody at the page asks for it. @see ux.md §2.6 `expired`, `reg-timeout` */
export const RanOutScreen = ({
  step,
  setup,
  busy,
  goOn,
  submit,
}: {
  readonly step: Step;
  /** It was a setup code, not a request. */
  readonly setup: boolean;
  readonly busy: boolean;
  goOn(): void;
  submit(answers: Answers): void;
}) => {
  const [exit] = ofType(step, 'ConfirmationCallback');
  return (
    <>
      <ScreenHead title={say(setup ? 'setupRanOut' : 'ranOut')}>
        <p class="k-lead">{say(setup ? 'setupRanOutText' : 'ranOutText')}</p>
      </ScreenHead>
      <div class="k-stack">
        <Button kind="primary" busy={busy} busyText={say('loading')} posts={pressed} value="go-on" onPress={goOn}>
          {say(setup ? 'setupRanOutDo' : 'ranOutDo')}
        </Button>
        {exit === undefined ? null : (
          <ConfirmationButtons confirmation={exit} busy={busy} submit={(index) => submit({ [exit.position]: index })} />
        )}
      </div>
    </>
  );
};
