import type { Page } from './page.ts';
import { addressOf, pageOf } from './read-pages.ts';

/** Where pages lie that the site writes itself, as if they were files. */
const FOLDER = 'site/written';

/** A page that the site writes, at the top of the site. */
export const writtenPage = (name: string, markdown: string): Page =>
  pageOf(`${FOLDER}/${name}.md`, markdown, { address: `${name}.html` });

const escaped = (text: string): string => text.replace(/[[\]|<*_`]/g, '\\$&');

/** A link to a page, as Markdown. */
export const linkTo = ({ title, source }: Page, text = title): string => `[${escaped(text)}](/${source})`;

/** A page that lists those of a folder which has no README. */
export const indexPage = (
  title: string,
  { folder, intro }: { readonly folder: string; readonly intro: string },
  pages: readonly Page[],
): Page => {
  const lines = pages.map((page) => `- ${linkTo(page)}${page.summary && `: ${escaped(page.summary)}`}`);
  const source = `${folder}/README.md`;
  return pageOf(source, `# ${title}\n\n${intro}\n\n${lines.join('\n')}\n`, { address: addressOf(source) });
};

/** Where a search leads that wants more than a few results; the script fills it. */
export const searchPage = (): Page =>
  writtenPage(
    'search',
    `# Search

<div id="results"><p>Without a script there is no search. <a href="/${FOLDER}/contents.md">All pages</a> are in one list.</p></div>
`,
  );

/** The address of the page that a server shows where there is none. */
export const MISSING = '404.html';

/** What a server shows for an address that has no page. */
export const missingPage = (): Page =>
  writtenPage(
    '404',
    `# There is no such page

It may have been renamed. Search for it, or look at the list of [all pages](/${FOLDER}/contents.md).
`,
  );
