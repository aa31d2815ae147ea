import { type Page, wayTo } from '../content/page.ts';
import { pagesOf, type Section } from '../content/sections.ts';
import { Html, html } from './html.ts';
import { neighboursOf, type SiteMap } from './site-map.ts';

const linkTo = (from: Page, to: Page, text: string): Html =>
  html`<a href="${wayTo(from.address, to.address)}"${to === from ? html` aria-current="page"` : ''}>${text}</a>`;

const listOf = (from: Page, pages: readonly Page[]): Html =>
  html`<ul>${pages.map((page) => html`<li>${linkTo(from, page, page.title)}</li>`)}</ul>`;

const sectionNav = (from: Page, section: Section): Html => {
  const pages = pagesOf(section);
  const [first] = pages;
  if (first === undefined) return html``;
  const heading =
    section.index === undefined ? html`<span>${section.title}</span>` : linkTo(from, section.index, section.title);
  if (section.isFolded && !pages.includes(from)) return html`<li class="s-part">${heading}</li>`;
  const groups = section.groups.map(
    ({ title, pages: grouped }) => html`${title === undefined ? '' : html`<p>${title}</p>`}${listOf(from, grouped)}`,
  );
  return html`<li class="s-part">${heading}${groups}</li>`;
};

/** All parts of the site; those with many pages are open only around the page that is shown. */
export const navigation = (map: SiteMap, page: Page): Html =>
  html`<nav class="s-nav" id="menu" popover aria-label="Documentation"><button class="k-btn s-close" type="button" popovertarget="menu" popovertargetaction="hide">Close</button><ul><li class="s-part">${linkTo(page, map.front, 'Overview')}</li>${map.sections.map(
    (section) => sectionNav(page, section),
  )}</ul></nav>`;

/** Where to read on: the pages before and after this one. */
export const readingOn = (map: SiteMap, page: Page): Html => {
  const { previous, next } = neighboursOf(map, page);
  if (previous === undefined && next === undefined) return html``;
  const side = (rel: 'prev' | 'next', label: string, to: Page | undefined): Html =>
    to === undefined
      ? html``
      : html`<a class="s-${rel}" rel="${rel}" href="${wayTo(page.address, to.address)}"><span>${label}</span> ${to.title}</a>`;
  return html`<nav class="s-neighbours" aria-label="Read on">${side('prev', 'Previous', previous)}${side('next', 'Next', next)}</nav>`;
};

/** A heading of the page, for the list beside it. */
const HEADING = /<h2 id="([^"]+)"[^>]*>([\s\S]*?)<\/h2>/g;

/** The headings of a page, where it has some. */
export const onThisPage = (content: string): Html => {
  const headings = [...content.matchAll(HEADING)].map(([, id = '', text = '']) => ({
    id,
    text: text.replace(/<[^>]+>/g, ''),
  }));
  if (headings.length < 2) return html``;
  // What stands in a heading is HTML already.
  const links = headings.map(({ id, text }) => html`<li><a href="#${id}">${new Html(text)}</a></li>`);
  return html`<nav class="s-toc" aria-labelledby="toc"><p id="toc">On this page</p><ul>${links}</ul></nav>`;
};
