import { useId } from 'preact/hooks';
import { RichTextView } from '../../kit/rich-text/rich-text-view.tsx';
import { textOf } from '../step/step.ts';
import { language, say } from '../texts/say.ts';
import { Check } from './check-field.tsx';
import type { ControlProps } from './control-props.ts';

/** TermsAndConditionsCallback: terms to read in a region that scrolls, with their version and date. */
export const TermsField = (props: ControlProps) => {
  const id = useId();
  const { callback } = props;
  const date = new Date(textOf(callback, 'createDate'));
  const shown = Number.isNaN(date.getTime())
    ? ''
    : new Intl.DateTimeFormat(language(), { dateStyle: 'long' }).format(date);
  return (
    <div class="k-stack">
      <h2 id={id}>{say('terms')}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys (WCAG 2.1.1) */}
      <section class="l-terms" aria-labelledby={id} tabIndex={0}>
        <RichTextView text={textOf(callback, 'terms')} newTab={say('newTab')} />
      </section>
      <p class="k-small k-muted">
        {say('termsVersion', { version: textOf(callback, 'version') })} {shown}
      </p>
      <Check {...props} label={say('termsAccept')} />
    </div>
  );
};
