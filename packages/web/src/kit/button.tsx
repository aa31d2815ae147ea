import type { ComponentChildren } from 'preact';
import { useDelayed } from './delayed.ts';

/** How much a button asks for attention. */
export type ButtonKind = 'primary' | 'plain' | 'danger' | 'quiet';

/** A button. While busy it stays focusable and says what is going on, once that takes noticeably long. */
export const Button = ({
  kind = 'plain',
  busy = false,
  busyText,
  submit = false,
  value,
  name,
  fit = false,
  onPress,
  children,
}: {
  readonly kind?: ButtonKind;
  readonly busy?: boolean;
  readonly busyText?: string;
  readonly submit?: boolean;
  readonly value?: number;
  /** The name for a screen reader, where the word on the button does not say what it is about. */
  readonly name?: string;
  readonly fit?: boolean;
  readonly onPress?: () => void;
  readonly children: ComponentChildren;
}) => {
  const late = useDelayed(busy, 400);
  return (
    <button
      class="k-btn"
      type={submit ? 'submit' : 'button'}
      data-kind={kind}
      data-fit={fit ? '' : undefined}
      value={value}
      aria-label={name}
      aria-disabled={busy ? 'true' : undefined}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onPress?.();
      }}
    >
      {late && busyText !== undefined ? busyText : children}
    </button>
  );
};
