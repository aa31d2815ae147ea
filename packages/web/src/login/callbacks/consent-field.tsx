import { RichTextView } from '../../kit/rich-text/rich-text-view.tsx';
import { textOf, textsOf } from '../step/step.ts';
import { say } from '../texts/say.ts';
import { Check } from './check-field.tsx';
import type { ControlProps } from './control-props.ts';

/** ConsentMappingCallback: what would be shared, with whom, and a tick for yes. */
export const ConsentField = (props: ControlProps) => {
  const { callback } = props;
  const fields = textsOf(callback, 'fields');
  return (
    <div class="k-stack">
      <RichTextView text={textOf(callback, 'message')} newTab={say('newTab')} />
      {fields.length === 0 ? null : (
        <ul>
          {fields.map((field) => (
            <li key={field}>
              <bdi>{field}</bdi>
            </li>
          ))}
        </ul>
      )}
      <Check {...props} label={say('consent', { name: textOf(callback, 'displayName') || textOf(callback, 'name') })} />
    </div>
  );
};
