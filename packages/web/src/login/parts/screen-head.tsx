import type { ComponentChildren } from 'preact';
import { parseRichText, plainText } from '../../kit/rich-text/rich-text.ts';
import { RichTextView } from '../../kit/rich-text/rich-text-view.tsx';
import type { Step } from '../step/step.ts';
import { say } from '../texts/say.ts';

/** Heading and lead of a screen: the step's own words where it has some, else ours. */
export const ScreenHead = ({
  step,
  title,
  children,
}: {
  readonly step?: Step;
  readonly title: ComponentChildren;
  readonly children?: ComponentChildren;
}) => (
  <div class="k-head">
    <h1 tabIndex={-1} dir="auto">
      {step?.header === undefined ? title : plainText(parseRichText(step.header))}
    </h1>
    {step?.description === undefined ? null : <Lead text={step.description} />}
    {children}
  </div>
);

/** A sentence or two of the server under the heading. */
export const Lead = ({ text }: { readonly text: string }) => (
  <div class="k-lead">
    <RichTextView text={text} newTab={say('newTab')} />
  </div>
);
