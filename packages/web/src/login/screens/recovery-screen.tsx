import { useId, useRef, useState } from 'preact/hooks';
import { announce } from '../../kit/browser/announce.ts';
import { Button } from '../../kit/parts/button.tsx';
import { FieldError } from '../callbacks/field-error.tsx';
import { Messages } from '../callbacks/messages.tsx';
import { ScreenHead } from '../parts/screen-head.tsx';
import { fieldName, PostedField, stepForm } from '../step/posted-step.tsx';
import { typedRecoveryCode } from '../step/recovery-script.ts';
import { textOf } from '../step/step.ts';
import { say } from '../texts/say.ts';
import type { ScreenProps } from './screen-props.ts';

/** R1: one field for one recovery code, forgiving about blanks, dashes and case. @see ux.md §2.5 */
export const RecoveryScreen = ({ step, screen, busy, problem, errors, posted, submit }: ScreenProps<'recovery'>) => {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [empty, setEmpty] = useState(false);
  const { callback, position } = screen.field;
  const prompt = textOf(callback, 'prompt');
  const wrong = problem === undefined ? undefined : (problem.message ?? say('recoveryWrong'));
  const error = empty ? say('required', { field: prompt }) : (errors[position] ?? wrong);

  const send = (event: SubmitEvent): void => {
    event.preventDefault();
    const code = typedRecoveryCode(field.current?.value ?? '');
    setEmpty(code === '');
    if (code !== '') {
      submit({ [position]: code });
      return;
    }
    announce('alert', say('required', { field: prompt }));
    field.current?.focus();
  };
  return (
    <>
      <ScreenHead step={step} title={say('recoveryHeading')}>
        {step.description === undefined ? <p class="k-lead">{say('recoveryLead')}</p> : null}
        <Messages step={step} />
      </ScreenHead>
      <form id={stepForm} class="k-stack" method="post" onSubmit={send} noValidate>
        <div class="k-field">
          <label for={id} dir="auto">
            {prompt}
          </label>
          <input
            ref={field}
            id={id}
            class="k-input k-input-mono"
            data-position={position}
            name={fieldName(position)}
            type="text"
            inputMode="text"
            autocomplete="one-time-code"
            autocapitalize="characters"
            spellcheck={false}
            maxLength={64}
            dir="ltr"
            readOnly={busy}
            aria-invalid={error === undefined ? undefined : 'true'}
            aria-describedby={error === undefined ? undefined : `${id}-error`}
          />
          <FieldError id={`${id}-error`} error={error} />
        </div>
        <Button kind="primary" submit busy={busy} busyText={say('loading')}>
          {say('continue')}
        </Button>
        <PostedField posted={posted} />
      </form>
    </>
  );
};
