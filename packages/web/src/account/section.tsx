import type { ComponentChildren, Ref } from 'preact';
import { useId } from 'preact/hooks';

/** A part of the page under a heading of its own, which takes the focus after a change that took its place away. */
export const Section = ({
  title,
  headingRef,
  action,
  children,
}: {
  readonly title: string;
  readonly headingRef?: Ref<HTMLHeadingElement>;
  readonly action?: ComponentChildren;
  readonly children: ComponentChildren;
}) => {
  const heading = useId();
  return (
    <section class="a-section" aria-labelledby={heading}>
      <div class="a-section-head">
        <h2 id={heading} tabIndex={-1} {...(headingRef === undefined ? {} : { ref: headingRef })}>
          {title}
        </h2>
        {action}
      </div>
      {children}
    </section>
  );
};
