import type { Page } from '../content/page.ts';
import { pagesOf, type Section } from '../content/sections.ts';

/** What every page knows of the site around it. */
export interface SiteMap {
  readonly front: Page;
  readonly sections: readonly Section[];
}

/** The pages before and after this one, in its section. */
export const neighboursOf = ({ sections }: SiteMap, page: Page): { readonly previous?: Page; readonly next?: Page } => {
  for (const section of sections) {
    const pages = pagesOf(section);
    const at = pages.indexOf(page);
    if (at < 0) continue;
    const [previous, next] = [pages[at - 1], pages[at + 1]];
    return { ...(previous && { previous }), ...(next && { next }) };
  }
  return {};
};
