import { useId } from 'preact/hooks';
import { fieldName } from '../step/posted-step.tsx';
import { initialOf, textOf, textsOf } from '../step/step.ts';
import type { ControlProps } from './control-props.ts';

/** ChoiceCallback: up to five radio buttons, a list beyond that. */
export const ChoiceField = ({ callback, position }: ControlProps) => {
  const id = useId();
  const choices = textsOf(callback, 'choices');
  const chosen = Number(initialOf(callback) ?? textOf(callback, 'defaultChoice'));
  if (choices.length > 5) {
    return (
      <div class="k-field">
        <label for={id} dir="auto">
          {textOf(callback, 'prompt')}
        </label>
        <select id={id} class="k-input" data-position={position} name={fieldName(position)}>
          {choices.map((choice, index) => (
            <option key={choice} value={index} selected={index === chosen}>
              {choice}
            </option>
          ))}
        </select>
      </div>
    );
  }
  return (
    <fieldset class="k-field">
      <legend dir="auto">{textOf(callback, 'prompt')}</legend>
      {choices.map((choice, index) => (
        <label key={choice} class="k-check" dir="auto">
          <input
            type="radio"
            data-position={position}
            name={fieldName(position)}
            value={index}
            defaultChecked={index === chosen}
          />
          {choice}
        </label>
      ))}
    </fieldset>
  );
};
