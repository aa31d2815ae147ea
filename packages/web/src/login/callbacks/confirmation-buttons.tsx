import { useState } from 'preact/hooks';
import { Button } from '../../kit/parts/button.tsx';
import { stepForm } from '../step/posted-step.tsx';
import { isExit } from '../step/screen-of-step.ts';
import { type Placed, textsOf } from '../step/step.ts';
import { say } from '../texts/say.ts';

/** ConfirmationCallback as buttons: the first is the primary one, from the third on they are quiet. An exit is never primary. */
export const ConfirmationButtons = ({
  confirmation,
  busy,
  submit,
  hasPrimary = !isExit(confirmation),
  inForm = false,
  without,
}: {
  readonly confirmation: Placed;
  readonly busy: boolean;
  readonly hasPrimary?: boolean;
  /** In a form the buttons send the form, with the index as value of the button. */
  readonly inForm?: boolean;
  /** The option that has a button of its own elsewhere. */
  readonly without?: number | undefined;
  submit(index: number): void;
}) => {
  const [pressed, setPressed] = useState<number>();
  const options = textsOf(confirmation.callback, 'options');
  if (options.length === 1 && without === 0) return null;
  return (
    <div class="k-actions">
      {options.map((option, index) =>
        index === without ? null : (
          <Button
            key={option}
            kind={index === 0 && hasPrimary ? 'primary' : index >= 2 ? 'quiet' : 'plain'}
            busy={busy}
            submit={inForm}
            posts={{ form: stepForm, name: 'choice' }}
            value={index}
            {...(pressed === index ? { busyText: say('loading') } : {})}
            onPress={() => {
              setPressed(index);
              if (!inForm) submit(index);
            }}
          >
            <span dir="auto">{option}</span>
          </Button>
        ),
      )}
    </div>
  );
};
