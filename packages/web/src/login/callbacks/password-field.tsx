import { useEffect, useId, useState } from 'preact/hooks';
import { RuleList } from '../../kit/parts/rule-list.tsx';
import { fieldName } from '../step/posted-step.tsx';
import { shownPolicies } from '../step/shown-policies.ts';
import { textOf } from '../step/step.ts';
import { say } from '../texts/say.ts';
import type { ControlProps } from './control-props.ts';
import { FieldError } from './field-error.tsx';

/** PasswordCallback and ValidatedCreatePasswordCallback: can be shown while typing, and is hidden again when it is sent. */
export const PasswordField = ({ callback, position, busy, error }: ControlProps) => {
  const id = useId();
  const [shown, setShown] = useState(false);
  const [capsLock, setCapsLock] = useState(false);
  const [value, setValue] = useState('');
  const [sent, setSent] = useState<string>();
  useEffect(() => {
    if (!busy) return;
    setShown(false);
    setSent(value);
  }, [busy]);
  const rules = shownPolicies(callback, value, sent);
  const look = (event: KeyboardEvent): void => setCapsLock(event.getModifierState?.('CapsLock') === true);
  const described = [
    error === undefined ? '' : `${id}-error`,
    capsLock ? `${id}-caps` : '',
    rules.length > 0 ? `${id}-rules` : '',
  ]
    .filter((it) => it !== '')
    .join(' ');
  return (
    <div class="k-field">
      <label for={id} dir="auto">
        {textOf(callback, 'prompt')}
      </label>
      <div class="k-field-with-button">
        <input
          id={id}
          class="k-input"
          data-position={position}
          name={fieldName(position)}
          // The element's types tie `type` to `role` and cannot say "one of the two".
          type={(shown ? 'text' : 'password') as 'password'}
          autocomplete={callback.type === 'PasswordCallback' ? 'current-password' : 'new-password'}
          autocapitalize="none"
          spellcheck={false}
          maxLength={1024}
          readOnly={busy}
          onInput={({ currentTarget }) => setValue(currentTarget.value)}
          onKeyDown={look}
          onKeyUp={look}
          aria-invalid={error === undefined ? undefined : 'true'}
          aria-describedby={described === '' ? undefined : described}
        />
        <button
          class="k-btn k-script"
          type="button"
          aria-pressed={shown}
          aria-label={say(shown ? 'hidePassword' : 'showPassword')}
          onClick={() => setShown(!shown)}
        >
          <span class="k-swap">
            <span aria-hidden={shown ? 'true' : undefined}>{say('show')}</span>
            <span aria-hidden={shown ? undefined : 'true'}>{say('hide')}</span>
          </span>
        </button>
      </div>
      {capsLock ? (
        <p id={`${id}-caps`} class="k-small k-muted">
          {say('capsLock')}
        </p>
      ) : null}
      <FieldError id={`${id}-error`} error={error} />
      {rules.length > 0 ? (
        <RuleList
          id={`${id}-rules`}
          rules={rules}
          label={say('ruleList')}
          done={say('ruleDone')}
          needed={say('ruleNeeded')}
        />
      ) : null}
    </div>
  );
};
