import GithubSlugger from 'github-slugger';
import MarkdownIt, { type Token } from 'markdown-it';
import type { Page } from '../content/page.ts';
import { plainText } from '../content/plain-text.ts';
import { drawDiagram } from '../diagrams/draw-diagram.ts';
import { escaped } from '../layout/html.ts';
import { coloured } from './coloured.ts';
import type { Targets } from './targets.ts';

/** What rendering a page is told: Eleventy hands over the data of the page, with the path that it has there. */
export interface RenderedFor {
  readonly page: { readonly inputPath: string };
}

/** The attributes in pieces of HTML that lead somewhere. */
const HTML_LINK = /\b(src|href)="([^"]*)"/g;

const eachInline = (tokens: readonly Token[], act: (token: Token) => void): void => {
  for (const token of tokens) for (const child of token.children ?? []) act(child);
};

const withAnchors = (tokens: readonly Token[]): void => {
  const slugger = new GithubSlugger();
  for (const [at, token] of tokens.entries()) {
    const inline = tokens[at + 1];
    if (token.type === 'heading_open' && inline !== undefined) token.attrSet('id', slugger.slug(plainText(inline)));
  }
};

/** A heading leads to itself, so that its address can be copied; one that holds a link stays as it is. */
const linkedHeadings = (tokens: readonly Token[], link: (open: boolean, id: string) => Token): void => {
  for (const [at, token] of tokens.entries()) {
    const inline = tokens[at + 1];
    if (token.type !== 'heading_open' || token.tag === 'h1' || !inline?.children) continue;
    const id = String(token.attrGet('id'));
    if (inline.children.some(({ type }) => type === 'link_open')) continue;
    inline.children = [link(true, id), ...inline.children, link(false, id)];
  }
};

/** A cell says by a class what Markdown says by a style, which the policy of the pages does not allow. */
const alignedByClass = (tokens: readonly Token[]): void => {
  for (const token of tokens) {
    const [, side] = /text-align:(\w+)/.exec(token.attrGet('style') ?? '') ?? [];
    if (side === undefined) continue;
    token.attrs = [...(token.attrs ?? []).filter(([name]) => name !== 'style'), ['class', `s-${side}`]];
  }
};

/** Markdown as it is on GitHub, for pages of the site: addresses, anchors, colours of code, drawings. */
export const markdownRenderer = (targets: Targets, shownBy: (inputPath: string) => Page): MarkdownIt => {
  const md = new MarkdownIt({ html: true });

  md.core.ruler.push('site', (state) => {
    const shown = shownBy((state.env as RenderedFor).page.inputPath);
    withAnchors(state.tokens);
    linkedHeadings(state.tokens, (open, id) => {
      const token = new state.Token(open ? 'link_open' : 'link_close', 'a', open ? 1 : -1);
      if (open)
        token.attrs = [
          ['href', `#${id}`],
          ['class', 's-anchor'],
        ];
      return token;
    });
    alignedByClass(state.tokens);
    const rewrite = (html: string): string =>
      html
        .replace(/<!--[\s\S]*?-->/g, '')
        .replace(HTML_LINK, (_, name: string, to: string) => `${name}="${targets.address(shown, to)}"`);
    for (const token of state.tokens) {
      if (token.type === 'html_block') token.content = rewrite(token.content);
      if (token.type === 'fence' && token.info.trim() === 'mermaid') {
        token.type = 'html_block';
        token.content = drawDiagram(token.content, shown.source);
      }
    }
    eachInline(state.tokens, (token) => {
      if (token.type === 'html_inline') token.content = rewrite(token.content);
      for (const name of ['href', 'src']) {
        const to = token.attrGet(name);
        if (to !== null && !(name === 'href' && to.startsWith('#'))) token.attrSet(name, targets.address(shown, to));
      }
    });
  });

  md.renderer.rules.fence = (tokens, at) => {
    const { content = '', info = '' } = tokens[at] ?? {};
    const language = info.trim().split(/\s/)[0] ?? '';
    return `<div class="s-code"><pre><code>${coloured(content, language)}</code></pre></div>\n`;
  };
  md.renderer.rules.code_block = (tokens, at) =>
    `<div class="s-code"><pre><code>${escaped(tokens[at]?.content ?? '')}</code></pre></div>\n`;
  md.renderer.rules.table_open = () => '<div class="s-scroll"><table>\n';
  md.renderer.rules.table_close = () => '</table></div>\n';
  return md;
};
