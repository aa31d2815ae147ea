import { useId } from 'preact/hooks';
import { fieldName } from '../step/posted-step.tsx';
import { initialOf, textOf } from '../step/step.ts';
import type { ControlProps } from './control-props.ts';
import { FieldError } from './field-error.tsx';

/** TextInputCallback: one line of text. */
export const TextField = ({ callback, position, busy, error }: ControlProps) => {
  const id = useId();
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
        defaultValue={String(initialOf(callback) ?? '') || textOf(callback, 'defaultText')}
        dir="auto"
        readOnly={busy}
        aria-invalid={error === undefined ? undefined : 'true'}
        aria-describedby={error === undefined ? undefined : `${id}-error`}
      />
      <FieldError id={`${id}-error`} error={error} />
    </div>
  );
};
