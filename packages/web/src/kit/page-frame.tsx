import type { ComponentChildren, Ref } from 'preact';
import { Mark } from './mark.tsx';

/** The frame of a page for a person: whose it is, the one thing to do, and what else there is. @see ux.md §2.1 */
export const PageFrame = ({
  name,
  wide = false,
  mainRef,
  foot,
  children,
}: {
  readonly name: string;
  readonly wide?: boolean;
  readonly mainRef?: Ref<HTMLElement>;
  readonly foot?: ComponentChildren;
  readonly children: ComponentChildren;
}) => (
  <div class="k-card" data-wide={wide ? '' : undefined}>
    <header class="k-brand">
      <Mark />
      <bdi>{name}</bdi>
    </header>
    <main {...(mainRef === undefined ? {} : { ref: mainRef })}>{children}</main>
    {foot === undefined ? null : <footer class="k-foot">{foot}</footer>}
  </div>
);
