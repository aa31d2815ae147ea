import type { ComponentChildren } from 'preact';
import { useDelayed } from '../browser/delayed.ts';

/** How much a button asks for attention. */
export type ButtonKind = 'primary' | 'plain' | 'danger' | 'quiet';

/** A button. While busy it stays focusable and says what is going on, once that takes noticeably long. */
export const Button = ({
  kind = 'plain',
  busy = false,
  busyText,
  submit = false,
  value,
  posts,
  name,
  fit = false,
  needsScript = false,
  onPress,
  children,
}: {
  readonly kind?: ButtonKind;
  readonly busy?: boolean;
  readonly busyText?: string;
  /** Sends the form that it stands in. */
  readonly submit?: boolean;
  readonly value?: number | string;
  /** What it sends, wherever it stands, by the form with that id: for a page that runs no script. */
  readonly posts?: { readonly form: string; readonly name: string } | undefined;
  /** The name for a screen reader, where the word on the button does not say what it is about. */
  readonly name?: string;
  readonly fit?: boolean;
  /** It can do nothing without our script, and is not shown then. */
  readonly needsScript?: boolean;
  readonly onPress?: () => void;
  readonly children: ComponentChildren;
}) => {
  const late = useDelayed(busy, 400);
  return (
    <button
      class={needsScript ? 'k-btn k-script' : 'k-btn'}
      type={submit || posts !== undefined ? 'submit' : 'button'}
      {...posts}
      data-kind={kind}
      data-fit={fit ? '' : undefined}
      value={value}
      aria-label={name}
      aria-disabled={busy ? 'true' : undefined}
      onClick={(event) => {
        // The script does by itself what the form would do without it.
        if (busy || (posts !== undefined && !submit)) event.preventDefault();
        if (!busy) onPress?.();
      }}
    >
      {late && busyText !== undefined ? busyText : children}
    </button>
  );
};
