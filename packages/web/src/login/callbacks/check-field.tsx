import { useId } from 'preact/hooks';
import { fieldName } from '../step/posted-step.tsx';
import { initialOf, textOf } from '../step/step.ts';
import type { ControlProps } from './control-props.ts';
import { FieldError } from './field-error.tsx';

/** A yes or no. */
export const Check = ({
  callback,
  position,
  busy,
  error,
  label,
}: Pick<ControlProps, 'callback' | 'position' | 'busy' | 'error'> & { readonly label: string }) => {
  const id = useId();
  return (
    <div class="k-field">
      <label class="k-check" dir="auto">
        <input
          type="checkbox"
          data-position={position}
          name={fieldName(position)}
          defaultChecked={initialOf(callback) === true}
          disabled={busy}
          aria-invalid={error === undefined ? undefined : 'true'}
          aria-describedby={error === undefined ? undefined : `${id}-error`}
        />
        {label}
      </label>
      <FieldError id={`${id}-error`} error={error} />
    </div>
  );
};

/** BooleanAttributeInputCallback. */
export const BooleanField = (props: ControlProps) => <Check {...props} label={textOf(props.callback, 'prompt')} />;
