import { useEffect, useState } from 'preact/hooks';
import { announce } from '../browser/announce.ts';
import type { ButtonKind } from './button.tsx';
import { Icon } from './icon.tsx';

/** Copies a text; "Copied" stands in the button itself for four seconds, at the same width. @see ux.md §7.5, 11 */
export const CopyButton = ({
  text,
  kind = 'plain',
  label,
  name,
  done,
  failed,
  onCopied,
}: {
  readonly text: string;
  readonly kind?: ButtonKind;
  readonly label: string;
  /** The name for a screen reader, where the label alone does not say what is copied. */
  readonly name?: string;
  readonly done: string;
  readonly failed: string;
  readonly onCopied?: () => void;
}) => {
  const [copied, setCopied] = useState(0);
  useEffect(() => {
    if (copied === 0) return;
    const timer = setTimeout(() => setCopied(0), 4000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      announce('alert', failed);
      return;
    }
    setCopied((times) => times + 1);
    announce('status', done);
    onCopied?.();
  };
  return (
    <button
      class="k-btn k-script"
      type="button"
      data-kind={kind}
      aria-label={copied > 0 ? undefined : name}
      onClick={() => void copy()}
    >
      <Icon name="copy" />
      <span class="k-swap">
        <span aria-hidden={copied > 0 ? 'true' : undefined}>{label}</span>
        <span aria-hidden={copied > 0 ? undefined : 'true'}>{done}</span>
      </span>
    </button>
  );
};
