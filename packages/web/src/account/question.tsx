import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

/** A question over the page. Escape goes back, as the button for that does; the focus returns to where it came from. */
export const Question = ({
  title,
  onClose,
  fallback,
  children,
}: {
  readonly title: string;
  readonly onClose: () => void;
  /** Takes the focus where the place that it came from is gone. */
  readonly fallback?: RefObject<HTMLElement | null>;
  readonly children: ComponentChildren;
}) => {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const element = dialog.current;
    const from = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      // By now the dialog is out of the page, and the browser gives the focus to nobody.
      if (document.activeElement !== document.body) return;
      if (from instanceof HTMLElement && from.isConnected) from.focus();
      else fallback?.current?.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class="a-question"
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div class="k-stack">
        <h2 id={heading}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
};
