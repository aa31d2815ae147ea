import type { FunctionComponent } from 'preact';
import { Note } from '../../kit/parts/note.tsx';
import { Ring } from '../../kit/parts/ring.tsx';
import { RichTextView } from '../../kit/rich-text/rich-text-view.tsx';
import { textOf } from '../step/step.ts';
import { say } from '../texts/say.ts';
import { ChoiceField } from './choice-field.tsx';
import type { ControlProps } from './control-props.ts';
import { NameField } from './name-field.tsx';
import { PasswordField } from './password-field.tsx';
import { TextField } from './text-field.tsx';

/** PollingWaitCallback beside something to type: a line that says what is awaited. */
const WaitLine = ({ callback }: ControlProps) => (
  <div class="k-waiting">
    <Ring />
    <RichTextView text={textOf(callback, 'message')} newTab={say('newTab')} />
  </div>
);

/** Shown elsewhere on the screen, answered by the page itself, or meant for nobody's eyes. */
const Nothing = () => null;

/** A step that only an app can do; the page answers that it cannot, and the journey goes on by that. */
const AppOnly = () => <Note tone="warn">{say('appOnly')}</Note>;

/** Which control a callback gets in a form. @see ux.md §2.3 */
const controls: Readonly<Record<string, FunctionComponent<ControlProps>>> = {
  NameCallback: NameField,
  PasswordCallback: PasswordField,
  ValidatedCreateUsernameCallback: NameField,
  ValidatedCreatePasswordCallback: PasswordField,
  TextInputCallback: TextField,
  ChoiceCallback: ChoiceField,
  PollingWaitCallback: WaitLine,
  ConfirmationCallback: Nothing,
  DeviceBindingCallback: AppOnly,
  DeviceProfileCallback: Nothing,
  DeviceSigningVerifierCallback: AppOnly,
  HiddenValueCallback: Nothing,
  MetadataCallback: Nothing,
  TextOutputCallback: Nothing,
  SuspendedTextOutputCallback: Nothing,
};

/** What this page cannot do is said, by name, and what else the step has stays usable. */
const UnknownControl = ({ callback }: ControlProps) => (
  <Note tone="warn">{say('cantDo', { type: callback.type })}</Note>
);

/** The control of a callback that a sign-in may begin with. */
export const Control: FunctionComponent<ControlProps> = (props) => {
  const Renderer = Object.hasOwn(controls, props.callback.type) ? controls[props.callback.type] : undefined;
  return Renderer === undefined ? <UnknownControl {...props} /> : <Renderer {...props} />;
};
