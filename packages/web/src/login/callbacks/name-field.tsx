import { useId } from 'preact/hooks';
import { MAX_NAME_LENGTH } from '../address/page-address.ts';
import { fieldName } from '../step/posted-step.tsx';
import { initialOf, ofType, textOf, textsOf } from '../step/step.ts';
import type { ControlProps } from './control-props.ts';
import { FieldError } from './field-error.tsx';

/** NameCallback and ValidatedCreateUsernameCallback: a username on a first step, else a code that somebody was given. */
export const NameField = ({ callback, position, step, first, busy, error, username }: ControlProps) => {
  const id = useId();
  const isUsername =
    first || callback.type === 'ValidatedCreateUsernameCallback' || ofType(step, 'PasswordCallback').length > 0;
  const initial = String(initialOf(callback) ?? '') || (isUsername ? username : '');
  return (
    <div class="k-field">
      <label for={id} dir="auto">
        {textOf(callback, 'prompt')}
      </label>
      <input
        id={id}
        class="k-input"
        data-position={position}
        name={fieldName(position)}
        type="text"
        defaultValue={initial}
        autocomplete={autocompleteOf(callback, step, isUsername)}
        autocapitalize="none"
        spellcheck={false}
        maxLength={MAX_NAME_LENGTH}
        dir="auto"
        readOnly={busy}
        aria-invalid={error === undefined ? undefined : 'true'}
        aria-describedby={error === undefined ? undefined : `${id}-error`}
      />
      <FieldError id={`${id}-error`} error={error} />
    </div>
  );
};

/** `webauthn` has the browser offer passkeys there (HTML standard, "autofill detail tokens"). */
const autocompleteOf = (
  callback: ControlProps['callback'],
  { passkey }: ControlProps['step'],
  isUsername: boolean,
): string => {
  const wanted = textsOf(callback, 'autocompleteValues').filter((word) => /^[a-z0-9-]+$/.test(word));
  const words = wanted.length > 0 ? wanted : [isUsername ? 'username' : 'one-time-code'];
  // The last word, and only where the browser is asked for passkeys.
  const others = words.filter((word) => word !== 'webauthn');
  return [...others, ...(passkey?.mediation === 'conditional' && isUsername ? ['webauthn'] : [])].join(' ');
};
