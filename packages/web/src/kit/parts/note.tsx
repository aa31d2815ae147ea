import type { ComponentChildren } from 'preact';
import { Icon } from './icon.tsx';

/** A remark that stands out. Its tone is said in words too, by whoever writes the text. */
export const Note = ({
  tone,
  id,
  children,
}: {
  readonly tone: 'info' | 'warn' | 'danger';
  readonly id?: string;
  readonly children: ComponentChildren;
}) => (
  <div class="k-note" data-tone={tone} {...(id === undefined ? {} : { id })}>
    <Icon name={tone === 'info' ? 'info' : 'alert'} />
    <div>{children}</div>
  </div>
);
