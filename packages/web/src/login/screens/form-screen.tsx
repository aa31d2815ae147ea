import { useRef, useState } from 'preact/hooks';
import { announce } from '../../kit/announce.ts';
import { Button } from '../../kit/button.tsx';
import { Note } from '../../kit/note.tsx';
import { profileOfThisBrowser } from '../browser-device.ts';
import { ConfirmationButtons } from '../callbacks/confirmation-buttons.tsx';
import { Control } from '../callbacks/control.tsx';
import { Messages } from '../callbacks/messages.tsx';
import { say } from '../say.ts';
import { isExit } from '../screen-of-step.ts';
import { type Answers, ofType, type Step, textOf } from '../step.ts';
import { ScreenHead } from './screen-head.tsx';
import type { ScreenProps } from './screen-props.ts';

/** Types whose field may not be left empty: their nodes would only ask again. */
const required: ReadonlySet<string> = new Set(['NameCallback', 'PasswordCallback']);

/** C and G: a form of whatever the step asks for, in the order of the server. @see ux.md §2.2 */
export const FormScreen = ({ step, first, busy, problem, username, submit }: ScreenProps<'credentials' | 'form'>) => {
  const form = useRef<HTMLFormElement>(null);
  const [errors, setErrors] = useState<Readonly<Record<number, string>>>({});
  const confirmation = ofType(step, 'ConfirmationCallback')[0];
  const asksPassword = ofType(step, 'PasswordCallback').length > 0;
  const needsButton = confirmation === undefined || isExit(confirmation);

  const send = (event: SubmitEvent): void => {
    event.preventDefault();
    if (busy || form.current === null) return;
    const { submitter } = event;
    const index =
      submitter instanceof HTMLButtonElement && submitter.value !== '' ? Number(submitter.value) : undefined;
    const answers = readFields(form.current);
    // A second option is a way out, and nobody has to fill in a form in order to leave it.
    const found = index === undefined || (index === 0 && !needsButton) ? missing(step, answers) : {};
    setErrors(found);
    const [bad] = Object.keys(found);
    if (bad !== undefined) {
      announce('alert', found[Number(bad)] ?? '');
      form.current.querySelector<HTMLElement>(`[data-position="${bad}"]`)?.focus();
      return;
    }
    const chosen = confirmation === undefined || index === undefined ? {} : { [confirmation.position]: index };
    submit({ ...answers, ...profiles(step), ...chosen });
  };

  return (
    <>
      <ScreenHead step={step} title={say(asksPassword ? 'signIn' : 'formHeading')}>
        <Messages step={step} />
      </ScreenHead>
      <form ref={form} class="k-stack" onSubmit={send} noValidate>
        {problem === undefined ? null : (
          <Note tone="danger">
            {problem.message ?? say(problem.kind === 'credentials' ? 'wrongCredentials' : 'wrongAnswer')}
          </Note>
        )}
        {asksPassword && ofType(step, 'NameCallback').length === 0 && username !== '' ? (
          // For password managers, which want to know whose password it is.
          <input type="text" name="username" autocomplete="username" value={username} readOnly hidden />
        ) : null}
        {step.callbacks.map((callback, position) => (
          <Control
            key={position}
            callback={callback}
            position={position}
            step={step}
            first={first}
            busy={busy}
            error={errors[position]}
            username={username}
          />
        ))}
        {needsButton ? (
          <Button kind="primary" submit busy={busy} busyText={say(asksPassword ? 'signingIn' : 'loading')}>
            {say(asksPassword ? 'signIn' : 'continue')}
          </Button>
        ) : null}
        {confirmation === undefined ? null : (
          <ConfirmationButtons confirmation={confirmation} busy={busy} submit={() => {}} inForm />
        )}
      </form>
    </>
  );
};

/** Reads the controls out of the DOM rather than out of state: a password manager may fill fields without telling anybody. */
const readFields = (form: HTMLFormElement): Answers => {
  const answers: Record<number, string | number | boolean> = {};
  for (const field of form.querySelectorAll<HTMLInputElement | HTMLSelectElement>('[data-position]')) {
    const position = Number(field.dataset.position);
    if (field instanceof HTMLSelectElement) answers[position] = Number(field.value);
    else if (field.type === 'checkbox') answers[position] = field.checked;
    else if (field.type !== 'radio') answers[position] = field.value;
    else if (field.checked) answers[position] = Number(field.value);
  }
  return answers;
};

/** A device profile among fields is filled in by the page; its place is asked for only on a screen of its own. */
const profiles = (step: Step): Answers =>
  Object.fromEntries(
    ofType(step, 'DeviceProfileCallback').map((profile) => [
      profile.position,
      profileOfThisBrowser(profile, undefined),
    ]),
  );

const missing = (step: Step, answers: Answers): Readonly<Record<number, string>> =>
  Object.fromEntries(
    step.callbacks.flatMap((callback, position) => {
      const answer = answers[position];
      const empty = typeof answer === 'string' && answer.trim() === '';
      return required.has(callback.type) && empty
        ? [[position, say('required', { field: textOf(callback, 'prompt') })]]
        : [];
    }),
  );
