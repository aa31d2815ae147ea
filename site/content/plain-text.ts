import type { Token } from 'markdown-it';

/** What a piece of Markdown says without its marks: the words and the code of a heading, a cell or a paragraph. */
export const plainText = (inline: Token): string =>
  (inline.children ?? [])
    .map(({ type, content }) => {
      if (type === 'text' || type === 'code_inline') return content;
      return type === 'softbreak' || type === 'hardbreak' ? ' ' : '';
    })
    .join('');
