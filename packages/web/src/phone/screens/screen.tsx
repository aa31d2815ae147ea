import type { ComponentChildren } from 'preact';

/** One screen: its heading, which gets the focus when the screen changes, and what it is about. */
export const Screen = ({
  title,
  lead,
  children,
}: {
  readonly title: ComponentChildren;
  readonly lead?: ComponentChildren;
  readonly children?: ComponentChildren;
}) => (
  <div class="k-enter">
    <div class="k-head">
      <h1 tabIndex={-1}>{title}</h1>
      {lead === undefined ? null : <p class="k-lead">{lead}</p>}
    </div>
    <div class="k-stack">{children}</div>
  </div>
);
