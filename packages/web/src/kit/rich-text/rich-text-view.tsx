import { type ComponentChild, h } from 'preact';
import { parseRichText, type RichText } from './rich-text.ts';

/** A text of the server: words and the few elements that we let through, built as elements and never as HTML. */
export const RichTextView = ({ text, newTab }: { readonly text: string; readonly newTab: string }) => (
  <div class="k-rich" dir="auto">
    {parseRichText(text).map((it) => view(it, newTab))}
  </div>
);

const view = (it: RichText, newTab: string): ComponentChild => {
  if (typeof it === 'string') return it;
  const children = it.children.map((child) => view(child, newTab));
  if (it.href === undefined) return h(it.tag, null, ...children);
  return (
    <a href={it.href} target="_blank" rel="noopener noreferrer">
      {children}
      <span class="sr-only"> {newTab}</span>
    </a>
  );
};
