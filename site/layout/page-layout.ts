import { type Page, wayTo } from '../content/page.ts';
import { escaped, Html, html } from './html.ts';
import { navigation, onThisPage, readingOn } from './navigation.ts';
import type { SiteMap } from './site-map.ts';

/** Files that pages load, by their places in the site. */
export interface Assets {
  readonly script: string;
  readonly style: string;
  readonly icon: string;
  /** What the search looks through; loaded when somebody begins to search. */
  readonly index: string;
}

export interface LayoutOptions {
  readonly map: SiteMap;
  readonly assets: Assets;
  readonly sourceUrl?: string;
}

/**
 * Nothing from anywhere else, no script and no style in the page itself, and no request by a script. A server may send the same as a header, and
 * `frame-ancestors` with it, which a page cannot say of itself.
 */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'";

const MARK = new Html(
  '<svg class="k-mark" viewBox="0 0 32 32" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"><path d="M4.5 17.5 11 25c1.2-6.2 4.2-10.8 9-14"/><circle cx="25.6" cy="6.8" r="3.8" fill="currentColor" stroke="none"/></svg>',
);

const searchForm = (to: (address: string) => string, index: string): Html =>
  html`<form class="s-search k-script" role="search" action="${to('search.html')}" data-index="${to(index)}" data-root="${to('index.html').slice(0, -'index.html'.length)}">
<label class="sr-only" for="search-field">Search the documentation</label>
<input class="k-input" id="search-field" name="q" type="search" placeholder="Search" autocomplete="off" spellcheck="false" maxlength="100" aria-keyshortcuts="Control+K Meta+K">
</form>`;

const sourceOf = (page: Page, sourceUrl: string | undefined): Html => {
  if (!page.isFile) return html``;
  const name = html`<code>${page.source}</code>`;
  return html`<p class="s-source">Source of this page: ${sourceUrl === undefined ? name : html`<a href="${sourceUrl + page.source}">${name}</a>`}</p>`;
};

/** A whole page around what its Markdown has become. `root` stands before every address where the page may be shown at any depth. */
export const pageLayout = (
  page: Page,
  content: string,
  { map, assets, sourceUrl }: LayoutOptions,
  root?: string,
): string => {
  const to = (address: string): string => (root === undefined ? wayTo(page.address, address) : root + address);
  const title = page === map.front ? 'Assent documentation' : `${page.title} · Assent`;
  // What is shown at any depth has no way to its neighbours, and its own links begin at the top.
  const text = root === undefined ? content : content.replace(/href="(?!#)/g, `href="${escaped(root)}`);
  const foot =
    root === undefined && page !== map.front
      ? html`<div class="s-foot">${readingOn(map, page)}${sourceOf(page, sourceUrl)}</div>`
      : '';
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<meta name="description" content="${page.summary}">
<link rel="icon" href="${to(assets.icon)}" type="image/svg+xml">
<link rel="stylesheet" href="${to(assets.style)}">
<script defer src="${to(assets.script)}"></script>
</head>
<body>
<a class="s-skip" href="#content">Skip to the content</a>
<header class="s-top">
${root === undefined ? html`<button class="k-btn s-menu" type="button" popovertarget="menu">Menu</button>` : ''}
<a class="s-brand" href="${to('index.html')}">${MARK}<span>Assent <small>documentation</small></span></a>
${searchForm(to, assets.index)}
<a class="k-no-script" href="${to('contents.html')}">All pages</a>
</header>
<div class="s-frame">
${root === undefined ? navigation(map, page) : ''}
<main class="s-main" id="content" tabindex="-1">
<article class="s-text">
${new Html(text)}
</article>
${foot}
</main>
${onThisPage(content)}
</div>
</body>
</html>
`.text;
};
