import { useId, useState } from 'preact/hooks';
import { fieldName } from '../step/posted-step.tsx';
import { outputOf, textOf, textsOf } from '../step/step.ts';
import { say } from '../texts/say.ts';
import type { ControlProps } from './control-props.ts';
import { FieldError } from './field-error.tsx';

const own = '';

/** KbaCreateCallback: a security question out of a list or of one's own, and the answer to it. */
export const QuestionField = ({ callback, position, busy, error }: ControlProps) => {
  const id = useId();
  const questions = textsOf(callback, 'predefinedQuestions');
  const mayAsk = outputOf(callback, 'allowUserDefinedQuestions') !== false || questions.length === 0;
  const [chosen, choose] = useState(questions[0] ?? own);
  const described = error === undefined ? undefined : `${id}-error`;
  return (
    <fieldset class="k-field">
      <legend dir="auto">{textOf(callback, 'prompt') || say('question')}</legend>
      {questions.length === 0 ? null : (
        <div class="k-field">
          <label for={`${id}-list`}>{say('question')}</label>
          <select
            id={`${id}-list`}
            class="k-input"
            name={fieldName(position, 0)}
            {...(chosen !== own && { 'data-position': position, 'data-part': 0 })}
            data-text
            onChange={(event) => choose(event.currentTarget.value)}
          >
            {questions.map((question) => (
              <option key={question} value={question}>
                {question}
              </option>
            ))}
            {mayAsk ? <option value={own}>{say('questionOwn')}</option> : null}
          </select>
        </div>
      )}
      {mayAsk ? (
        // Without a script nothing can make it appear.
        <div class={chosen === own ? 'k-field' : 'k-field k-no-script'}>
          <label for={`${id}-own`}>{say('questionOwn')}</label>
          <input
            id={`${id}-own`}
            class="k-input"
            name={fieldName(position, 'own')}
            {...(chosen === own && { 'data-position': position, 'data-part': 0 })}
            type="text"
            dir="auto"
            readOnly={busy}
            aria-describedby={described}
          />
        </div>
      ) : null}
      <div class="k-field">
        <label for={`${id}-answer`}>{say('answer')}</label>
        <input
          id={`${id}-answer`}
          class="k-input"
          name={fieldName(position, 1)}
          data-position={position}
          data-part={1}
          type="text"
          autocomplete="off"
          dir="auto"
          readOnly={busy}
          aria-invalid={error === undefined ? undefined : 'true'}
          aria-describedby={described}
        />
      </div>
      <FieldError id={`${id}-error`} error={error} />
    </fieldset>
  );
};
