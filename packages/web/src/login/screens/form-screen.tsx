import type { FunctionComponent } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { announce } from '../../kit/browser/announce.ts';
import { Button } from '../../kit/parts/button.tsx';
import { Note } from '../../kit/parts/note.tsx';
import { ConfirmationButtons } from '../callbacks/confirmation-buttons.tsx';
import { Control as BasicControl } from '../callbacks/control.tsx';
import type { ControlProps } from '../callbacks/control-props.ts';
import { Messages } from '../callbacks/messages.tsx';
import { profileOfThisBrowser } from '../device/browser-device.ts';
import { ScreenHead } from '../parts/screen-head.tsx';
import { answersInPlaceOfApp } from '../step/app-step.ts';
import { failedPolicies } from '../step/failed-policies.ts';
import { missingAnswers } from '../step/missing-answers.ts';
import { PostedField, stepForm } from '../step/posted-step.tsx';
import { isExit, passkeyOutcomeOf } from '../step/screen-of-step.ts';
import { type Answers, type AnswerValue, ofType, type Step } from '../step/step.ts';
import { say } from '../texts/say.ts';
import { passkeyScreens } from './passkey-screens.ts';
import type { ScreenProps } from './screen-props.ts';

const PasskeyBeside = passkeyScreens.screen('passkey-beside');

/** Types that are buttons themselves: another one that goes on would send no answer. */
const buttonsOfTheirOwn: ReadonlySet<string> = new Set(['SelectIdPCallback', 'RedirectCallback']);

/** C and G: a form of whatever the step asks for, in the order of the server. @see ux.md §2.2 */
export const FormScreen = ({
  step,
  first,
  busy,
  problem,
  username,
  errors: sentErrors,
  posted,
  submit,
  Control = BasicControl,
}: ScreenProps<'credentials' | 'form'> & { readonly Control?: FunctionComponent<ControlProps> }) => {
  const form = useRef<HTMLFormElement>(null);
  const [errors, setErrors] = useState(sentErrors);
  const confirmation = ofType(step, 'ConfirmationCallback')[0];
  const asksPassword = ofType(step, 'PasswordCallback').length > 0;
  const hasOtherButtons = step.callbacks.some(({ type }) => buttonsOfTheirOwn.has(type));
  const goesElsewhere = hasOtherButtons && !asksPassword;
  const outcome = passkeyOutcomeOf(step);
  const needsButton = !goesElsewhere && (confirmation === undefined || isExit(confirmation));
  const pick = (position: number, value: string): void => {
    if (!busy && form.current !== null) submit({ ...readFields(form.current), ...ofPage(step), [position]: value });
  };

  const send = (event: SubmitEvent): void => {
    event.preventDefault();
    if (busy || form.current === null) return;
    const { submitter } = event;
    const index =
      submitter instanceof HTMLButtonElement && submitter.value !== '' ? Number(submitter.value) : undefined;
    const answers = readFields(form.current);
    // A second option is a way out, and nobody has to fill in a form in order to leave it.
    const found = index === undefined || (index === 0 && !needsButton) ? missingAnswers(step, answers) : {};
    setErrors(found);
    const [bad] = Object.keys(found);
    if (bad !== undefined) {
      announce('alert', found[Number(bad)] ?? '');
      form.current.querySelector<HTMLElement>(`[data-position="${bad}"]`)?.focus();
      return;
    }
    const chosen = confirmation === undefined || index === undefined ? {} : { [confirmation.position]: index };
    submit({ ...answers, ...ofPage(step), ...chosen });
  };

  return (
    <>
      <ScreenHead step={step} title={say(asksPassword ? 'signIn' : 'formHeading')}>
        <Messages step={step} />
      </ScreenHead>
      <form ref={form} id={stepForm} class="k-stack" method="post" onSubmit={send} noValidate>
        {hasOtherButtons && needsButton ? (
          // Enter in a field presses the first button of its form, which would be one that leads elsewhere.
          <button class="sr-only" type="submit" tabIndex={-1} aria-hidden="true" />
        ) : null}
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
            error={errors[position] ?? failedPolicies(callback)}
            username={username}
            answer={(value) => pick(position, value)}
          />
        ))}
        {needsButton ? (
          <Button kind="primary" submit busy={busy} busyText={say(asksPassword ? 'signingIn' : 'loading')}>
            {say(asksPassword ? 'signIn' : 'continue')}
          </Button>
        ) : null}
        {confirmation === undefined ? null : (
          <ConfirmationButtons
            confirmation={confirmation}
            busy={busy}
            submit={() => {}}
            inForm
            without={step.passkey?.button}
          />
        )}
        {step.passkey === undefined || outcome === undefined ? null : (
          <PasskeyBeside
            ceremony={step.passkey}
            busy={busy}
            answer={(value) => pick(outcome.position, value)}
            turned={() => {}}
          />
        )}
        <PostedField posted={posted} />
      </form>
    </>
  );
};

/** Reads the controls out of the DOM rather than out of state: a password manager may fill fields without telling anybody. */
const readFields = (form: HTMLFormElement): Answers => {
  const answers: Record<number, AnswerValue | AnswerValue[]> = {};
  for (const field of form.querySelectorAll<HTMLInputElement | HTMLSelectElement>('[data-position]')) {
    const value = answerIn(field);
    if (value === undefined) continue;
    const position = Number(field.dataset.position);
    const { part } = field.dataset;
    const before = answers[position];
    if (part === undefined) answers[position] = value;
    else answers[position] = Object.assign(Array.isArray(before) ? before : [], { [part]: value });
  }
  return answers;
};

/** Lists and radio buttons answer by the place of what was chosen, unless the list asks for its text. */
const answerIn = (field: HTMLInputElement | HTMLSelectElement): AnswerValue | undefined => {
  if (field instanceof HTMLSelectElement) return field.dataset.text === undefined ? Number(field.value) : field.value;
  if (field.type === 'checkbox') return field.checked;
  if (field.type !== 'radio') return field.value;
  return field.checked ? Number(field.value) : undefined;
};

/** What the page answers by itself: a device profile among fields, whose place is asked for only on a screen of its own, and for apps. */
const ofPage = (step: Step): Answers => ({
  ...Object.fromEntries(
    ofType(step, 'DeviceProfileCallback').map((profile) => [
      profile.position,
      profileOfThisBrowser(profile, undefined),
    ]),
  ),
  ...answersInPlaceOfApp(step),
});
