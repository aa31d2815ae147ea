import type { ComponentChildren } from 'preact';

/** What happened, and what to do about it. */
export const Message = ({
  heading,
  text,
}: {
  readonly heading: ComponentChildren;
  readonly text: ComponentChildren;
}) => (
  <div class="k-head">
    <h1>{heading}</h1>
    <p class="k-lead">{text}</p>
  </div>
);
