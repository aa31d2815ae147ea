import { useId } from 'preact/hooks';
import { fieldName } from '../step/posted-step.tsx';
import { initialOf, outputOf, textOf } from '../step/step.ts';
import { say } from '../texts/say.ts';
import type { ControlProps } from './control-props.ts';
import { FieldError } from './field-error.tsx';

/** String- and NumberAttributeInputCallback: one value of somebody's profile. What may stay empty says so. */
export const AttributeField = ({ callback, position, busy, error }: ControlProps) => {
  const id = useId();
  const isNumber = callback.type === 'NumberAttributeInputCallback';
  const isRequired = outputOf(callback, 'required') === true;
  return (
    <div class="k-field">
      <label for={id} dir="auto">
        {textOf(callback, 'prompt')}
        {isRequired ? null : <span class="k-muted"> {say('optional')}</span>}
      </label>
      <input
        id={id}
        class="k-input"
        data-position={position}
        name={fieldName(position)}
        type="text"
        {...(isNumber && { inputMode: 'decimal' })}
        defaultValue={String(initialOf(callback) ?? '')}
        dir="auto"
        readOnly={busy}
        required={isRequired}
        aria-invalid={error === undefined ? undefined : 'true'}
        aria-describedby={error === undefined ? undefined : `${id}-error`}
      />
      <FieldError id={`${id}-error`} error={error} />
    </div>
  );
};
